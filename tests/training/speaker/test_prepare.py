"""Clips of a catalogue become what training reads: the same each time, wherever it was stopped."""

import csv
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.speaker.features import VoiceFeatures
from shared.problems import InvalidInput
from tests.training.speaker.data.conftest import bring_into
from tests.training.speaker.made_voices import write_voices
from training.shared.workers import Workers
from training.speaker import prepare as preparing
from training.speaker.data.catalogue import Catalogue
from training.speaker.data.opened import open_catalogue
from training.speaker.prepare import Options, part_of, prepare
from training.speaker.shards import CLIPS, FRAMES, SPEECH

SPEAKERS, PER_SPEAKER = 12, 2
Rows = list[dict[str, str]]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with open_catalogue(str(tmp_path / "catalogue.sqlite"), create=True) as catalogue:
        bring_into(catalogue, "voices", write_voices(tmp_path / "voices", SPEAKERS, PER_SPEAKER), licence="CC0-1.0")
        yield catalogue


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(versions=2, cache=tmp_path / "cache")


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "SHARD_CLIPS", 12)


def run(catalogue: Catalogue, out: Path, options: Options, part: tuple[int, int] = (0, 1)) -> list[str]:
    with Workers(1) as workers:
        return prepare(catalogue, out, options, workers, part)


def shards(out: Path) -> dict[str, tuple[Rows, np.ndarray, np.ndarray]]:
    found = {}
    for folder in sorted(each for each in out.iterdir() if each.is_dir()):
        with (folder / CLIPS).open(newline="") as file:
            found[folder.name] = (list(csv.DictReader(file)), np.load(folder / FRAMES), np.load(folder / SPEECH))
    return found


def rows(out: Path) -> Rows:
    return [row for of_shard, _, _ in shards(out).values() for row in of_shard]


def test_each_clip_is_there_in_each_version_beside_mixtures_and_what_is_no_speech(
    catalogue: Catalogue, tmp_path: Path, options: Options
) -> None:
    assert run(catalogue, tmp_path / "out", options) == []
    found = rows(tmp_path / "out")
    voices = Counter(row["path"] for row in found if row["kind"] == "voice")
    assert len(voices) == SPEAKERS * PER_SPEAKER
    assert set(voices.values()) == {options.versions}
    assert {row["kind"] for row in found} == {"voice", "several", "made"}
    assert {row["licence"] for row in found if row["kind"] == "voice"} == {"CC0-1.0"}
    splits = {
        row["speaker"]: {other["split"] for other in found if other["speaker"] == row["speaker"]} for row in found
    }
    assert all(len(each) == 1 for speaker, each in splits.items() if speaker)


def test_frames_lie_where_the_table_says(catalogue: Catalogue, tmp_path: Path, options: Options) -> None:
    run(catalogue, tmp_path / "out", options)
    for table, frames, speech in shards(tmp_path / "out").values():
        ends = [int(row["start"]) + int(row["frames"]) for row in table]
        assert [int(row["start"]) for row in table] == [0, *ends[:-1]]
        assert frames.shape == (ends[-1], VoiceFeatures().bins)
        assert speech.shape == (ends[-1],)
        assert np.isfinite(frames).all()
        assert ((speech >= 0) & (speech <= 1)).all()
        shares = {kind: _speech_share(kind, table, speech) for kind in ("made", "voice", "several")}
        assert shares["made"] == 0
        assert min(shares["voice"], shares["several"]) > 0.3


def _speech_share(kind: str, table: Rows, speech: np.ndarray) -> float:
    pieces = [(int(row["start"]), int(row["frames"])) for row in table if row["kind"] == kind]
    return float(np.mean(np.concatenate([speech[start : start + frames] for start, frames in pieces]) > 0.5))


def test_a_stopped_preparation_goes_on_and_children_share_it(
    catalogue: Catalogue, tmp_path: Path, options: Options
) -> None:
    run(catalogue, tmp_path / "whole", options)
    for number in (1, 0):
        run(catalogue, tmp_path / "parts", options, (number, 2))
    first = next(each for each in (tmp_path / "parts").iterdir() if each.is_dir())
    first.rename(first.with_suffix(".partial"))
    run(catalogue, tmp_path / "parts", options)
    whole, parts = shards(tmp_path / "whole"), shards(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    assert len(whole) == 2
    for name, (table, frames, speech) in whole.items():
        assert parts[name][0] == table
        np.testing.assert_array_equal(parts[name][1], frames)
        np.testing.assert_array_equal(parts[name][2], speech)


def test_other_settings_or_other_files_are_refused(catalogue: Catalogue, tmp_path: Path, options: Options) -> None:
    run(catalogue, tmp_path / "out", options, (99, 100))
    with pytest.raises(InvalidInput, match="other settings"):
        run(catalogue, tmp_path / "out", Options(versions=3, cache=options.cache))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="something else"):
        run(catalogue, tmp_path / "full", options)


def test_what_cannot_be_used_is_told(catalogue: Catalogue, tmp_path: Path, options: Options) -> None:
    (tmp_path / "voices" / "0-0.wav").unlink()
    (tmp_path / "voices" / "1-0.wav").write_bytes(b"no sound")
    told = run(catalogue, tmp_path / "out", options)
    assert sorted(line.split(":")[0] for line in told) == ["voices/0-0.wav", "voices/1-0.wav"]
    assert not {"0-0.wav", "1-0.wav"} & {row["path"] for row in rows(tmp_path / "out")}


def test_no_more_of_a_speaker_than_wanted(catalogue: Catalogue, tmp_path: Path, options: Options) -> None:
    run(catalogue, tmp_path / "out", Options(versions=1, most_per_speaker=1, cache=options.cache))
    voices = [row["speaker"] for row in rows(tmp_path / "out") if row["kind"] == "voice"]
    assert sorted(voices) == sorted(set(voices))


@pytest.mark.parametrize(
    ("environment", "children", "part"),
    [({}, 1, (0, 1)), ({"JOB_COMPLETION_INDEX": "2"}, 3, (2, 3)), ({"SLURM_ARRAY_TASK_ID": "0"}, 2, (0, 2))],
)
def test_children_know_their_part(environment: dict[str, str], children: int, part: tuple[int, int]) -> None:
    assert part_of(environment, children) == part


@pytest.mark.parametrize("environment", [{}, {"AWS_BATCH_JOB_ARRAY_INDEX": "4"}, {"SLURM_ARRAY_TASK_ID": "-1"}])
def test_children_without_a_part_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        part_of(environment, 4)


def test_the_command_needs_a_catalogue(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.speaker.prepare", str(tmp_path / "none.sqlite"), str(tmp_path / "out")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
