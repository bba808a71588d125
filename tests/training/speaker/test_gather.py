"""One catalogue of a folder as a training job gets it: clips are found where they lie now, and sides stay."""

import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from shared.problems import InvalidInput
from shared.progress import Progress
from tests.training.speaker.data.conftest import bring_into
from tests.training.speaker.data.releases import NEW, many, write_release, write_table
from training.speaker.data.catalogue import Wanted
from training.speaker.data.clip import Clip
from training.speaker.data.fetching import local_clips
from training.speaker.data.opened import open_catalogue
from training.speaker.gather import CATALOGUE, gather

SPEAKERS, EACH = 12, 2


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    (tmp_path / "channel").mkdir()
    return tmp_path / "channel"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints" / "catalogue.sqlite"


def write_voices(folder: Path, licence: str = "CC0-1.0", prefix: str = "") -> Path:
    """Write a table whose recordings are there, though nobody speaks in them."""
    rows = [
        {
            "path": f"{row['client_id'][-4:]}-{number}.wav",
            "speaker": f"{prefix}{row['client_id'][-4:]}",
            "gender": row["gender"],
            "age": row["age"],
            "duration_seconds": "2.0",
            **({"licence": licence} if licence else {}),
        }
        for number, row in enumerate(many(SPEAKERS, EACH))
    ]
    write_table(folder, rows)
    for row in rows:
        (folder / row["path"]).write_bytes(b"sound")
    return folder


def gathered(channel: Path, out: Path) -> list[tuple[Clip, Path | None]]:
    out.parent.mkdir(exist_ok=True)
    gather(channel, out, Progress(sys.stderr))
    with open_catalogue(str(out)) as catalogue:
        return list(local_clips(catalogue, Wanted(), out.parent / "cache"))


def sides(found: list[tuple[Clip, Path | None]]) -> dict[str, str]:
    return {clip.speaker: clip.split for clip, _ in found}


class TestTables:
    def test_a_folder_for_each_data_set(self, channel: Path, out: Path) -> None:
        write_voices(channel / "one", prefix="a")
        write_voices(channel / "two", prefix="b", licence="MIT")
        (channel / "notes").mkdir()
        found = gathered(channel, out)
        assert Counter((clip.data_set, clip.licence) for clip, _ in found) == {
            ("one", "CC0-1.0"): SPEAKERS * EACH,
            ("two", "MIT"): SPEAKERS * EACH,
        }
        assert all(path == channel / clip.data_set / clip.path for clip, path in found)
        assert set(sides(found).values()) == {"train", "validation", "test"}

    def test_table_and_recordings_themselves(self, channel: Path, out: Path) -> None:
        write_voices(channel)
        found = gathered(channel, out)
        assert {clip.data_set for clip, _ in found} == {"channel"}
        assert all(path == channel / clip.path for clip, path in found)

    def test_a_release_of_common_voice(self, channel: Path, out: Path) -> None:
        write_release(channel / "cv-en", NEW, many(SPEAKERS))
        found = gathered(channel, out)
        assert {(clip.data_set, clip.licence) for clip, _ in found} == {("cv-en", "CC0-1.0")}

    def test_again_and_elsewhere_all_is_the_same(self, channel: Path, out: Path, tmp_path: Path) -> None:
        write_voices(channel / "one", prefix="a")
        write_voices(channel / "two", prefix="b")
        first = gathered(channel, out)
        assert gathered(channel, out) == first
        shutil.move(channel, tmp_path / "elsewhere")
        again = gathered(tmp_path / "elsewhere", out)
        assert [clip for clip, _ in again] == [clip for clip, _ in first]
        assert all(path and path.is_relative_to(tmp_path / "elsewhere") for _, path in again)

    def test_a_licence_that_is_not_told(self, channel: Path, out: Path) -> None:
        write_voices(channel / "one", licence="")
        with pytest.raises(InvalidInput, match="licence"):
            gathered(channel, out)
        assert not out.exists()

    def test_nothing_is_there(self, channel: Path, out: Path) -> None:
        with pytest.raises(InvalidInput, match="neither validated"):
            gathered(channel, out)


class TestCatalogue:
    @pytest.fixture
    def known(self, channel: Path, tmp_path: Path) -> dict[str, str]:
        """A catalogue of a data set that lay elsewhere, beside which it lies now; who is on which side."""
        there = write_voices(tmp_path / "far" / "voices", licence="", prefix="a")
        with open_catalogue(str(channel / CATALOGUE), create=True) as catalogue:
            bring_into(catalogue, "one", there, licence="CC0-1.0")
            known = {speaker.speaker: speaker.split for speaker in catalogue.speakers()}
        shutil.move(there, channel / "one")
        return known

    def test_its_clips_are_found_where_they_lie_now(self, channel: Path, out: Path, known: dict[str, str]) -> None:
        before = (channel / CATALOGUE).read_bytes()
        found = gathered(channel, out)
        assert len(found) == SPEAKERS * EACH
        assert all(path == channel / "one" / clip.path for clip, path in found)
        assert {clip.licence for clip, _ in found} == {"CC0-1.0"}  # though the table beside them tells none
        assert sides(found) == known
        assert (channel / CATALOGUE).read_bytes() == before

    def test_more_data_sets_beside_it(self, channel: Path, out: Path, known: dict[str, str]) -> None:
        write_voices(channel / "two", prefix="b")
        found = gathered(channel, out)
        assert Counter(clip.data_set for clip, _ in found) == {"one": SPEAKERS * EACH, "two": SPEAKERS * EACH}
        assert known.items() <= sides(found).items()

    def test_what_lies_in_a_bucket_stays_there(self, channel: Path, out: Path, known: dict[str, str]) -> None:
        with open_catalogue(str(channel / CATALOGUE)) as catalogue:
            catalogue.locate("far", "s3://bucket/far")
        out.parent.mkdir()
        gather(channel, out, Progress(sys.stderr))
        with open_catalogue(str(out)) as catalogue:
            assert catalogue.locations() == {"one": str(channel / "one"), "far": "s3://bucket/far"}

    def test_a_data_set_that_is_nowhere(self, channel: Path, out: Path, known: dict[str, str]) -> None:
        (channel / "one").rename(channel / "other")
        with pytest.raises(InvalidInput, match="data set one, of which there is no folder"):
            gathered(channel, out)

    def test_a_file_that_is_no_catalogue(self, channel: Path, out: Path) -> None:
        (channel / CATALOGUE).write_text("no database, but a text that is longer than a header " * 20)
        with pytest.raises(Exception, match="catalogue cannot be read"):
            gathered(channel, out)
