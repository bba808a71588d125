"""`timbre dataset` as a user sees it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests.client.shell import Run, run_of
from tests.started import ROOT
from tests.training.speaker.data.conftest import SQLITE_ALONE
from tests.training.speaker.data.releases import NEW, many, write_durations, write_release, write_table
from training.speaker.data.__main__ import main


@pytest.fixture
def run(place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TIMBRE_DATASET_CATALOGUE", place)
    return run_of(main, capsys)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    rows = many(64)
    rows[5] |= {"gender": "loud"}
    folder = write_release(tmp_path / "cv", NEW, [*rows, {"path": "../x"}])
    write_durations(folder, {row["path"]: 2250 for row in rows[:-3]})
    return folder


def test_import_query_and_stats(run: Run, release: Path, tmp_path: Path) -> None:
    said = run("import", "cv-en", str(release))
    assert said.status == 0
    head, left_out, unclear, record = said.out.splitlines()
    assert head.startswith("cv-en/validated.tsv: 128 clips; 64 new speakers: ")
    assert (left_out, unclear) == (
        "  1 left out: path is none of a file in the data set",
        "  1 kept, but: gender is not understood",
    )
    written = Path(record.removeprefix("Who is in which split is written down in ").removesuffix("."))
    assert len(written.read_text().splitlines()) == 65
    assert run("import", "cv-en", str(release)).out.startswith(
        "cv-en/validated.tsv: 128 clips, all in the catalogue already.\n"
    )

    heads, *lines = run("query", "--gender", "female", "--age", "forties").out.splitlines()
    assert heads.split() == [
        *("DATA_SET", "PATH", "SPEAKER", "GENDER", "AGE_GROUP", "ACCENT", "LANGUAGE", "SECONDS", "SPLIT")
    ]
    assert len(lines) == 4
    assert all("fourties" in line and "2.25" in line for line in lines)

    whole = [json.loads(line) for line in run("query", "--accent", "england", "--json").out.splitlines()]
    assert {clip["accent"] for clip in whole} == {"England English"}
    assert whole[0].keys() >= {"data_set", "path", "speaker", "age_years", "licence", "split"}
    rows = list(csv.DictReader(io.StringIO(run("query", "--split", "train", "--language", "EN", "--csv").out)))
    assert {(row["split"], row["language"], row["licence"]) for row in rows} == {("train", "en", "CC0-1.0")}

    counts = [json.loads(line) for line in run("stats", "--json").out.splitlines()]
    assert sum(count["clips"] for count in counts) == 128
    assert sum(count["unmeasured_clips"] for count in counts) == 3
    assert sum(count["hours"] for count in counts) == pytest.approx(125 * 2.25 / 3600, abs=0.005)
    table = run("stats", "--data-set", "cv-en").out
    assert "The length of 3 clips is not known" in table
    assert table.splitlines()[-2].split()[-1] == "64"


@SQLITE_ALONE
def test_plots_are_pictures(run: Run, release: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run("import", "cv-en", str(release))
    said = run("stats", "--plots", str(tmp_path / "new" / "plots"))
    assert said.status == 0
    for name in ("hours", "clips", "speakers"):
        with av.open(str(tmp_path / "new" / "plots" / f"{name}.png")) as picture:
            (frame,) = picture.decode(video=0)
        pixels = frame.to_ndarray(format="rgb24")
        assert pixels.shape[0] > 200
        assert pixels.shape[1] > 800
        for colour in ((31, 119, 180), (255, 127, 14), (44, 160, 44)):  # of the three splits
            assert (abs(pixels.astype(int) - colour).max(axis=2) < 8).sum() > 50


@SQLITE_ALONE
def test_plots_without_matplotlib_say_what_to_install(
    run: Run, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", "cv-en", str(release))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "training.speaker.data.pictures", raising=False)
    said = run("stats", "--plots", str(tmp_path / "plots"))
    assert (said.status, "pip install --group dataset" in said.err) == (1, True)
    assert said.out.startswith(" ")


@SQLITE_ALONE
def test_several_tables_and_shares(run: Run, release: Path) -> None:
    write_release(release, NEW, many(10, prefix="other-"), "other.tsv")
    said = run("import", "cv", str(release), "--table", "validated.tsv", "--table", "other.tsv", "--shares", "0,0,100")
    assert "cv/other.tsv: 20 clips; 0 new speakers" in said.out
    assert "64 new speakers: 0 train, 0 validation, 64 test." in said.out


@SQLITE_ALONE
@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        ((), 2, "COMMAND"),
        (("import", "cv"), 2, "SOURCE"),
        (("import", "../cv", "."), 2, "name"),
        (("import", "cv", "ftp://there"), 2, "s3://bucket/prefix"),
        (("import", "cv", "/nonexistent"), 1, "--table"),
        (("import", "cv", ".", "--table", "../metadata.csv"), 2, "key"),
        (("import", "cv", ".", "--shares", "80,20"), 2, "--shares"),
        (("import", "cv", ".", "--shares", "80,10,20"), 2, "sum of 100"),
        (("query", "--age", "44"), 2, "teens"),
        (("query", "--gender", "loud"), 2, "choose from"),
        (("query", "--json", "--csv"), 2, "not allowed"),
        (("stats", "--catalogue", "redis://there"), 2, "location"),
    ],
)
def test_wrong_uses(
    run: Run, arguments: tuple[str, ...], status: int, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(tmp_path, [{"path": "a", "speaker": "b", "gender": "f", "licence": "MIT"}])
    monkeypatch.chdir(tmp_path)
    said = run(*arguments)
    assert (said.status, said.out) == (status, "")
    assert why in said.err


@SQLITE_ALONE
def test_names_do_nothing_to_a_terminal(run: Run, tmp_path: Path) -> None:
    run(
        "import",
        "x",
        str(write_table(tmp_path, [{"path": "\u202egpj.wav", "speaker": "s", "gender": "f", "licence": "a\x1b"}])),
    )
    lines = run("query").out
    assert "\\u202egpj.wav" in lines
    assert "\u202e" not in lines
    assert "\x1b" not in lines


def test_who_reads_may_leave(sqlite: str, tmp_path: Path) -> None:
    folder = write_release(tmp_path / "cv", NEW, many(400, 5))
    program = [sys.executable, "-m", "client", "dataset"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TIMBRE_DATASET_CATALOGUE": sqlite}
    subprocess.run([*program, "import", "cv", str(folder)], env=environment, check=True, capture_output=True)
    command = f"{sys.executable} -m client dataset query --json | head -n 1"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=110)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["data_set"] == "cv"
