"""The command line: python -m shared.store."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.store import ModelStore
from shared.store.__main__ import main
from tests.shared.store.conftest import MakeModel
from tests.shared.store.pulling import catalogue, sum_of
from tests.shared.store.test_unpack import as_zip
from tests.shared.store.web import Site


@pytest.fixture(autouse=True)
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMBRE_DOWNLOADS", str(tmp_path / "downloads"))


def test_publish_list_point_verify(make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--location", str(tmp_path / "models")]
    for version in ("1", "2"):
        folder = make_model("tone", version, {"w.bin": version.encode()})
        assert main(["publish", *at, str(folder), "tone", version, "--point"]) == 0
    assert main(["point", *at, "tone", "1"]) == 0
    capsys.readouterr()
    assert main(["list", *at]) == 0
    assert capsys.readouterr().out == "MODEL  IN USE  VERSIONS\ntone   1       1 2\n"
    assert main(["verify", *at]) == 0
    assert capsys.readouterr().out.split() == ["MODEL", "VERSION", "STATE", "tone", "1", "ok", "tone", "2", "ok"]


def test_verify_fails_for_a_bad_model(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--location", str(tmp_path / "models")]
    main(["publish", *at, str(make_model("tone", "1", {"w.bin": b"w"})), "tone", "1"])
    (tmp_path / "models" / "tone" / "1" / "w.bin").write_bytes(b"x")
    assert main(["verify", *at, "tone"]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_verify_of_a_model_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--location", str(tmp_path), "\x1b[2Jtypo"]) == 1
    assert capsys.readouterr().err.endswith("There is no model '\\x1b[2Jtypo'.\n")


def test_problems_are_told_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["point", "--location", str(tmp_path), "tone", "1"]) == 1
    assert "There is no version 1 of model tone" in capsys.readouterr().err
    assert main(["publish", "--location", str(tmp_path), str(tmp_path / "none"), "tone", "1"]) == 1


def test_it_runs_as_a_program_on_a_bucket(bucket: str, make_model: MakeModel, tmp_path: Path) -> None:
    folder = make_model("tone", "1", {"w.bin": b"w"})
    at = ["--location", f"s3://{bucket}/models"]
    assert main(["publish", *at, str(folder), "tone", "1"]) == 0
    command = [sys.executable, "-m", "shared.store", "verify", *at]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    assert shown.stdout.splitlines()[1].split() == ["tone", "1", "ok"]


class TestPull:
    @pytest.fixture
    def given(self, site: Site, tmp_path: Path) -> list[str]:
        """What every call needs; where the models are, and what can be had."""
        return ["--location", str(tmp_path / "models"), "--catalogue", str(catalogue(site, tmp_path))]

    def test_pull_verify_and_what_is_here(
        self, given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["catalogue", *given]) == 0
        size, row = "1 MB", "tone   1        whisper  many       {}  MIT      known   {}"
        assert capsys.readouterr().out.splitlines()[1] == row.format(size, "no")
        pull = ["pull", *given, "--downloads", str(tmp_path / "downloads"), "tone"]
        assert main([*pull, "--point"]) == 0
        captured = capsys.readouterr()
        assert captured.out == "PUBLISHED  tone  1  2 files\n"
        assert captured.err.splitlines()[-1] == "100% config.json"
        assert (tmp_path / "models" / "tone" / "current").read_text() == "1\n"
        (tmp_path / "models" / "tone" / "current").unlink()
        assert main([*pull, "--point"]) == 0
        assert capsys.readouterr().out == "HERE ALREADY  tone  1  2 files\n"
        assert (tmp_path / "models" / "tone" / "current").read_text() == "1\n"
        assert main(["catalogue", *given]) == 0
        assert capsys.readouterr().out.splitlines()[1] == row.format(size, "yes")
        assert main(["verify", *given[:2], "tone"]) == 0

    def test_without_a_sum(self, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        known = str(catalogue(site, tmp_path, {"w.bin": b"w"}, files={"w.bin": {}}))
        pull = ["pull", "--location", str(tmp_path / "models"), "--catalogue", known]
        pull += ["--downloads", str(tmp_path / "downloads"), "tone"]
        assert main(pull) == 1
        assert "--unpinned" in capsys.readouterr().err
        assert main([*pull, "--sha256", f"w.bin={sum_of(b'x')}"]) == 1
        assert f"but {sum_of(b'w')}" in capsys.readouterr().err
        assert main([*pull, "--unpinned"]) == 0
        assert capsys.readouterr().out.splitlines()[0] == f'tone: the sha256 of "w.bin" is {sum_of(b"w")}'

    @pytest.mark.parametrize("sha256", ["w.bin", "w.bin=12", "=" + "a" * 64, "w.bin=" + "g" * 64])
    def test_sums_that_are_none(self, sha256: str, given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main(["pull", *given, "tone", "--sha256", sha256])
        assert "64 hexadecimal digits" in capsys.readouterr().err

    def test_models_that_the_catalogue_has_not(self, given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["pull", *given, "\x1b[2Jbass"]) == 1
        assert (
            capsys.readouterr().err
            == "There is nothing here: The catalogue has no model '\\x1b[2Jbass'; it has tone.\n"
        )

    def test_into_a_bucket(self, bucket: str, given: list[str], tmp_path: Path) -> None:
        at = ["--location", f"s3://{bucket}/models"]
        assert main(["pull", *at, *given[2:], "--downloads", str(tmp_path / "downloads"), "tone"]) == 0
        assert main(["verify", *at, "tone"]) == 0


def test_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = as_zip(tmp_path, {"model/w.bin": b"w", "model/conf/a.conf": b"a"})
    at = ["--location", str(tmp_path / "models")]
    assert main(["import", *at, str(source), "tone", "1"]) == 1
    assert "--engine" in capsys.readouterr().err
    say = ["--engine", "vosk", "--licence", "Apache-2.0", "--language", "en", "--language", "de"]
    assert main(["import", *at, str(source), "tone", "1", *say]) == 0
    assert capsys.readouterr().out == "PUBLISHED  tone  1  2 files\n"
    manifest = ModelStore(str(tmp_path / "models"), tmp_path).manifest("tone")
    assert (manifest.engine, manifest.licence, manifest.languages) == ("vosk", "Apache-2.0", ["en", "de"])


def test_the_store_that_the_settings_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIMBRE_MODELS", str(tmp_path))
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "MODEL  IN USE  VERSIONS\n"
