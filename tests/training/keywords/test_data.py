"""Classes inside a network, labels outside, and what a prepared folder holds."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.keywords.prepared import write_prepared
from training.keywords.data import OTHER, SILENCE, Prepared, find_classes, read_prepared


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    write_prepared(folder, [("train", 10), ("validation", 2), ("test", 3)])
    return read_prepared(folder)


def test_words_that_are_no_keywords_have_classes_inside_and_are_unknown_outside(prepared: Prepared) -> None:
    classes = find_classes(prepared, ("yes", "no"))
    assert classes.inner == ("yes", "no", "happy", OTHER, SILENCE)
    assert classes.labels == ("yes", "no", "unknown", "silence")
    assert classes.folding.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert classes.served(["no", "happy", "never heard", SILENCE]).tolist() == [1, 2, 2, 3]
    assert classes.targets(["happy", "never heard"]).tolist() == [2, 3]


def test_without_a_choice_every_word_is_a_keyword(prepared: Prepared) -> None:
    assert find_classes(prepared).keywords == ("happy", "no", "yes")


def test_a_keyword_without_clips_is_refused(prepared: Prepared) -> None:
    with pytest.raises(ValueError, match="no clips to learn from of: maybe"):
        find_classes(prepared, ("yes", "maybe"))


def test_keywords_that_no_speaker_of_a_split_says_are_refused(prepared: Prepared, tmp_path: Path) -> None:
    write_prepared(tmp_path, [("train", 10), ("validation", 2)])
    with pytest.raises(ValueError, match="no speaker of the words in: test;"):
        find_classes(read_prepared(tmp_path))


def test_windows_of_long_recordings_stay_within_their_split(prepared: Prepared) -> None:
    noise = prepared.segments("noise", "validation")
    window = noise.random(16_000, np.random.default_rng(0))
    part = np.load(prepared.folder / "noise.npy")[48_000:96_000].astype(np.float32) / 32_768
    places = [start for start in range(32_001) if part[start] == window[0]]
    assert any(np.array_equal(part[start : start + 16_000], window) for start in places)


def test_splits_are_those_of_the_table(prepared: Prepared, tmp_path: Path) -> None:
    assert [len(prepared.rows(split)) for split in ("train", "validation", "test")] == [40, 8, 12]
