"""Labels are folded as the mappings say, masks go, batches waste little."""

import json
import random
from pathlib import Path

import numpy as np

from training.emotion.data import (
    EKMAN,
    FOUR_WAY,
    GROUPING,
    SENTIMENT,
    length_batches,
    pad,
    read_goemotions,
    read_outside,
    read_xed,
    replace_masks,
)


def named(row: np.ndarray, order: tuple[str, ...]) -> set[str]:
    """Return the names of the labels that a row has."""
    return {name for name, value in zip(order, row, strict=True) if value}


class TestReadGoemotions:
    """The four rows of the stand-in, by label set."""

    def test_fine_labels(self, data_folder: Path) -> None:
        fine = read_goemotions(data_folder / "goemotions", "train").targets["goemotions"]
        assert [list(np.nonzero(row)[0]) for row in fine] == [[18], [7], [0, 9], [27]]

    def test_ekman(self, data_folder: Path) -> None:
        ekman = read_goemotions(data_folder / "goemotions", "dev").targets["ekman"]
        assert [named(row, EKMAN) for row in ekman] == [{"joy"}, {"surprise"}, {"joy", "sadness"}, {"neutral"}]

    def test_ambiguous_is_neutral_in_sentiment_only(self, data_folder: Path) -> None:
        targets = read_goemotions(data_folder / "goemotions", "test").targets
        assert named(targets["sentiment"][1], SENTIMENT) == {"neutral"}
        assert named(targets["grouping"][1], GROUPING) == {"ambiguous"}

    def test_both_feelings_are_mixed(self, data_folder: Path) -> None:
        four = read_goemotions(data_folder / "goemotions", "test").targets["four_way"]
        assert [named(row, FOUR_WAY) for row in four] == [{"positive"}, {"neutral"}, {"mixed"}, {"neutral"}]


def test_film_lines_without_an_ekman_label_are_left_out(data_folder: Path) -> None:
    film = read_xed(data_folder / "xed-en")
    assert film.texts == ["Run!", "No, you!"]
    assert [named(row, EKMAN) for row in film.targets["ekman"]] == [{"fear"}, {"anger", "surprise"}]


def test_five_classes_fold_into_three(tmp_path: Path) -> None:
    lines = [{"text": name, "label": name} for name in ("very negative", "negative", "neutral", "very positive")]
    (tmp_path / "sst5-dev.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    targets = read_outside(tmp_path, "sst5").targets["four_way"]
    assert [named(row, FOUR_WAY) for row in targets] == [{"negative"}, {"negative"}, {"neutral"}, {"positive"}]


class TestReplaceMasks:
    """No mask is left, and the choice hangs on the generator alone."""

    def test_every_mask_goes(self) -> None:
        text = replace_masks("[NAME] told [NAME] about [RELIGION].", random.Random(1))
        assert "[" not in text
        assert text.endswith(".")

    def test_two_masks_may_differ(self) -> None:
        texts = {replace_masks("[NAME] [NAME]", random.Random(seed)) for seed in range(9)}
        assert any(len(set(text.split())) == 2 for text in texts)

    def test_same_seed_same_text(self) -> None:
        assert replace_masks("[NAME]", random.Random(5)) == replace_masks("[NAME]", random.Random(5))


class TestLengthBatches:
    """Each row once, neighbours equally long."""

    def test_each_row_comes_once(self) -> None:
        batches = list(length_batches([3, 9, 4, 8, 5], 2, random.Random(0)))
        assert sorted(row for batch in batches for row in batch) == [0, 1, 2, 3, 4]

    def test_little_is_padding(self) -> None:
        rng = random.Random(0)
        lengths = [rng.randint(4, 60) for _ in range(640)]
        padded = sum(max(lengths[row] for row in batch) * len(batch) for batch in length_batches(lengths, 32, rng))
        assert padded < 1.1 * sum(lengths)


def test_pad() -> None:
    ids, mask = pad([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert ids.dtype == mask.dtype == np.int64
