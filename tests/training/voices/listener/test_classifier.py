from pathlib import Path

import numpy as np
import pytest

from shared.problems import InvalidInput
from tests.training.voices.listener.made_speech import write_actors
from training.voices.listener.acted import Heard, acted, joined
from training.voices.listener.classifier import KINDS, Listener, best_of, left_out, recall, relative


def test_rows_are_compared_with_the_same_speakers_neutral_ones() -> None:
    rows = np.array([[10.0], [12.0], [15.0], [100.0], [104.0], [105.0]])
    heard = Heard(rows, ("neutral", "neutral", "sad") * 2, ("a",) * 3 + ("b",) * 3)
    assert relative(heard).ravel().tolist() == [-2, 2, 4, -4, 4, 3]
    assert rows[2, 0] == 15.0


def test_a_speaker_without_neutral_speech_is_refused() -> None:
    heard = Heard(np.zeros((3, 1)), ("neutral", "neutral", "sad"), ("a", "a", "b"))
    with pytest.raises(InvalidInput, match="'b' needs two neutral"):
        relative(heard)


def test_best_is_what_is_right_in_most_emotions() -> None:
    heard = Heard(np.zeros((4, 1)), ("neutral", "neutral", "neutral", "sad"), ("a",) * 4)
    told = {"always neutral": ["neutral"] * 4, "fair": ["neutral", "sad", "neutral", "sad"]}
    assert recall(heard.emotions, told["always neutral"]) == 0.5
    assert best_of(told, heard) == "fair"


def test_speakers_that_were_never_heard_are_understood(tmp_path: Path) -> None:
    heard = acted(write_actors(tmp_path / "actors"), tmp_path / "cache")
    assert set(heard.speakers) == {"actor 0", "actor 1", "actor 2"}
    told = {kind: left_out(kind, heard) for kind in KINDS}
    best = best_of(told, heard)
    assert recall(heard.emotions, told[best]) > 0.9
    others = acted(write_actors(tmp_path / "others", actors=1), tmp_path / "cache")
    assert recall(others.emotions, Listener(best, heard).told(others)) > 0.9


def test_what_was_measured_is_kept_until_the_recordings_change(tmp_path: Path) -> None:
    folder, cache = write_actors(tmp_path / "actors", actors=1, takes=2), tmp_path / "cache"
    first = acted(folder, cache)
    (kept,) = cache.iterdir()
    written = kept.stat().st_mtime_ns
    assert np.array_equal(acted(folder, cache).rows, first.rows)
    assert kept.stat().st_mtime_ns == written
    (folder / "0-sad-0.wav").write_bytes((folder / "0-angry-0.wav").read_bytes())
    assert not np.array_equal(acted(folder, cache).rows, first.rows)


def test_speakers_of_the_same_name_in_two_data_sets_are_two_people() -> None:
    one = Heard(np.zeros((2, 1)), ("neutral", "sad"), ("a", "a"))
    both = joined([one, one]).only(["sad"])
    assert (both.emotions, len(set(both.speakers))) == (("sad", "sad"), 2)
