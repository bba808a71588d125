"""An import may break off anywhere: called again, it ends as if it never had; nobody ever changes sides."""

import csv
import os
import resource
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shared.audio import Sound, encode
from shared.problems import Conflict
from tests.started import ROOT, patiently
from tests.training.speaker.data.conftest import Bring, bring_into
from tests.training.speaker.data.releases import NEW, OLD, Row, many, person, write_durations, write_release
from training.speaker.data import importing
from training.speaker.data.__main__ import main
from training.speaker.data.catalogue import Catalogue, Wanted
from training.speaker.data.clip import SPLITS
from training.speaker.data.importing import import_table, write_record
from training.speaker.data.opened import open_catalogue
from training.speaker.data.source import sources
from training.speaker.data.splits import Shares

Contents = tuple[list[str], list[str]]


def contents(catalogue: Catalogue) -> Contents:
    """Return all that a catalogue holds, in an order of its own."""
    return sorted(map(str, catalogue.clips(Wanted()))), sorted(map(str, catalogue.speakers()))


def sides(catalogue: Catalogue) -> dict[str, set[str]]:
    """Return in which splits each speaker's clips are."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for clip in catalogue.clips(Wanted()):
        found[clip.speaker].add(clip.split)
    return found


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = write_release(tmp_path / "cv" / "en", NEW, many(80))
    write_durations(folder, {row["path"]: 3500 for row in many(80)})
    return folder


@pytest.fixture
def unbroken(release: Path, tmp_path: Path) -> Contents:
    """What comes of an import that nothing disturbs."""
    with open_catalogue(str(tmp_path / "unbroken.sqlite"), create=True) as catalogue:
        bring_into(catalogue, "cv-en", release)
        return contents(catalogue)


def test_both_kinds_of_catalogue_end_alike(
    bring: Bring, catalogue: Catalogue, release: Path, unbroken: Contents
) -> None:
    (imported,) = bring("cv-en", release)
    assert contents(catalogue) == unbroken
    assert (imported.clips, imported.speakers.total(), imported.was_done) == (160, 80, False)
    assert catalogue.locations() == {"cv-en": str(release)}


def test_importing_again_changes_nothing(bring: Bring, catalogue: Catalogue, release: Path, unbroken: Contents) -> None:
    bring("cv-en", release)
    (again,) = bring("cv-en", release)
    assert (again.was_done, again.clips) == (True, 160)
    assert contents(catalogue) == unbroken


@pytest.mark.parametrize("is_done_first", [True, False])
def test_wherever_it_breaks_off_it_goes_on(
    is_done_first: bool,
    bring: Bring,
    catalogue: Catalogue,
    release: Path,
    unbroken: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "_BATCH_CLIPS", 25)

    class BrokenError(Exception):
        pass

    def breaking(write: Callable[..., None]) -> Callable[..., None]:
        def once(*arguments: object) -> None:
            nonlocal left
            left -= 1
            if left == 0 and not is_done_first:
                raise BrokenError
            write(*arguments)
            if left == 0:
                raise BrokenError

        return once

    breaks, left = 0, 1
    for name in ("add", "remember"):
        monkeypatch.setattr(catalogue, name, breaking(getattr(catalogue, name)))
    while True:
        try:
            (imported,) = bring("cv-en", release)
            break
        except BrokenError:
            breaks += 1
            left = 1 if is_done_first else 2  # one write further each time
    assert breaks == 4 + 7 + 1  # of speakers, of clips, and that it is done
    assert imported.clips == 160
    assert contents(catalogue) == unbroken


def test_killed_in_the_middle(place: str, tmp_path: Path) -> None:
    rows = many(60, 70 if place.startswith("dynamodb") else 200)  # moto takes its time
    folder = write_release(tmp_path / "large", NEW, rows)
    with open_catalogue(str(tmp_path / "whole.sqlite"), create=True) as whole:
        bring_into(whole, "cv", folder)
        right = contents(whole)
    command = [sys.executable, "-m", "training.speaker.data", "import", "cv", str(folder), "--catalogue", place]
    (source,) = sources("cv", str(folder), [], "", "")
    with open_catalogue(place, create=True) as catalogue:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        for _ in patiently():
            assert process.poll() is None
            if (note := catalogue.note(source.name)) and note.clips:
                break
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
        stopped = catalogue.note(source.name)
        assert stopped
        assert 0 < stopped.clips < len(rows)
        assert (
            subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode == 0
        )
        assert contents(catalogue) == right


def test_an_import_that_another_overtakes_ends_as_a_conflict(
    place: str, catalogue: Catalogue, release: Path, unbroken: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH_CLIPS", 25)
    (source,) = sources("cv-en", str(release), [], "", "")

    def overtake(_: float, doing: str) -> None:
        if doing == "writing clips":
            with open_catalogue(place) as other:
                import_table(other, source, Shares(), lambda share, doing: None)

    with pytest.raises(Conflict):
        import_table(catalogue, source, Shares(), overtake)
    assert contents(catalogue) == unbroken
    assert import_table(catalogue, source, Shares(), lambda share, doing: None).was_done


def test_clips_are_measured_where_the_table_does_not_tell(bring: Bring, catalogue: Catalogue, tmp_path: Path) -> None:
    rows = many(4, 1)
    folder = write_release(tmp_path / "old", OLD, rows)
    write_durations(folder, {rows[0]["path"]: 9000})
    (folder / "clips").mkdir()
    sound = Sound(np.sin(np.arange(32_000) / 20).astype(np.float32) / 4, 16_000)
    (folder / "clips" / rows[1]["path"]).write_bytes(encode(sound, "mp3"))
    (folder / "clips" / rows[2]["path"]).write_bytes(b"no sound")
    bring("old", folder)
    found = {Path(clip.path).name: clip.duration_seconds for clip in catalogue.clips(Wanted())}
    assert [found[row["path"]] for row in rows] == [9.0, pytest.approx(2.0, abs=0.1), None, None]


def test_one_name_is_one_place(place: str, bring: Bring, catalogue: Catalogue, release: Path, tmp_path: Path) -> None:
    bring("cv-en", release)
    before = contents(catalogue)
    other = write_release(tmp_path / "moved", NEW, many(80))
    with pytest.raises(Conflict, match="--moved"):
        bring("cv-en", other)
    assert (contents(catalogue), catalogue.locations()) == (before, {"cv-en": str(release)})
    assert main(["import", "cv-en", str(other), "--moved", "--catalogue", place]) == 0
    assert catalogue.locations() == {"cv-en": str(other)}


class TestSides:
    def test_nobody_stands_on_two(self, bring: Bring, catalogue: Catalogue, release: Path, tmp_path: Path) -> None:
        bring("cv-en", release)
        before = dict(sides(catalogue))
        later = write_release(tmp_path / "later", OLD, many(120, 2, prefix="later-"))
        bring("cv-later", later, shares=Shares(0.2, 0.2, 0.6, seed=99))
        after = sides(catalogue)
        assert len(after) == 120
        assert {len(found) for found in after.values()} == {1}
        assert {speaker: after[speaker] for speaker in before} == before

    def test_every_stratum_is_dealt_in_the_shares(self, bring: Bring, catalogue: Catalogue, tmp_path: Path) -> None:
        bring("cv", write_release(tmp_path / "cv", NEW, many(320, 1)))
        strata: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for speaker in catalogue.speakers():
            strata[speaker.gender, speaker.age_group][speaker.split] += 1
        assert len(strata) == 4 * 8
        for counts in strata.values():
            assert counts.total() == 10
            assert [counts[split] for split in SPLITS] == pytest.approx([8, 1, 1], abs=1.6)

    def test_who_says_different_things_is_dealt_as_what_is_said_most(
        self, bring: Bring, catalogue: Catalogue, tmp_path: Path
    ) -> None:
        told = [("", ""), ("", ""), ("", ""), ("male", "thirties"), ("female", "thirties"), ("female", "thirties")]
        rows: list[Row] = [
            {"client_id": person(1), "path": f"{number}.mp3", "gender": gender, "age": age}
            for number, (gender, age) in enumerate(told)
        ]
        bring("cv", write_release(tmp_path / "cv", OLD, rows))
        (speaker,) = catalogue.speakers()
        assert (speaker.gender, speaker.age_group) == ("female", "thirties")
        assert Counter(clip.gender for clip in catalogue.clips(Wanted())) == {"unknown": 3, "male": 1, "female": 2}

    def test_a_table_that_changes_is_read_anew_and_moves_nobody(
        self, bring: Bring, catalogue: Catalogue, release: Path
    ) -> None:
        bring("cv-en", release)
        before = dict(sides(catalogue))
        write_release(release, NEW, [row | {"age": "nineties"} for row in many(90)])
        (imported,) = bring("cv-en", release)
        assert (imported.was_done, imported.clips, imported.speakers.total()) == (False, 180, 10)
        assert {clip.age_group for clip in catalogue.clips(Wanted())} == {"nineties"}
        assert {speaker: side for speaker, side in sides(catalogue).items() if speaker in before} == before

    def test_they_are_written_down(self, bring: Bring, catalogue: Catalogue, release: Path, tmp_path: Path) -> None:
        bring("cv-en", release)
        write_record(catalogue, tmp_path / "new" / "speakers.csv")
        with (tmp_path / "new" / "speakers.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {(row["speaker"], row["split"]) for row in rows} == {
            (speaker, side) for speaker, found in sides(catalogue).items() for side in found
        }
        assert [row["split"] for row in rows] == sorted((row["split"] for row in rows), key=SPLITS.index)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
def test_millions_of_rows_in_bounded_memory(tmp_path: Path) -> None:
    folder, speakers, each = tmp_path / "cv", 40_000, 25
    write_release(folder, NEW, [])
    with (folder / "validated.tsv").open("a") as table:
        for row in range(speakers * each):
            told = "A sentence of which nothing is kept, as long as they are. " * 2
            cells = (person(row % speakers), f"common_voice_en_{row}.mp3", "s" * 64, told, "", "2", "0")
            who = (("twenties", "male_masculine"), ("", ""), ("fifties", "female_feminine"))[row % 3]
            table.write("\t".join((*cells, *who, "England English", "", "en", "")) + "\n")
    command = [sys.executable, "-m", "training.speaker.data", "import", "cv", str(folder)]
    place = str(tmp_path / "catalogue.sqlite")
    process = subprocess.run(
        [*command, "--catalogue", place], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True
    )
    assert process.returncode == 0
    assert (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 250_000
    )  # KiB; what the index of speakers and lengths holds is most of it
    with open_catalogue(place) as catalogue:
        assert sum(1 for _ in catalogue.clips(Wanted(age_group="fifties"))) == speakers * each // 3
