"""Read GoEmotions and XED, fold labels into groups, replace masks, and cut texts into length-sorted batches."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
SENTIMENT = ("positive", "negative", "neutral")
GROUPING = ("positive", "negative", "ambiguous", "neutral")
FOUR_WAY = ("positive", "negative", "neutral", "mixed")
OUTSIDE = {"sst5": "sst5-dev.jsonl", "tweets": "tweeteval-sentiment-val.jsonl"}
COMMON_NAMES = (
    "James Mary John Linda Robert Susan Michael Karen David Sarah Omar Fatima Wei Mei Carlos Lucia Ivan Olga Raj Priya "
    "Kofi Ama Hiro Yuki Tom Anna Ben Emma Jack Lily Max Zoe Sam Alex Chris Pat"
)
FIRST_NAMES = COMMON_NAMES.split()
RELIGIONS = ("Christianity", "Islam", "Judaism", "Hinduism", "Buddhism", "religion")

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """Texts with multi-label targets; each target matrix is [rows, labels], 0 or 1."""

    texts: list[str]
    targets: dict[str, Matrix]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.texts)


def goemotions_labels(folder: Path) -> list[str]:
    """Return the 28 names of GoEmotions in the order of their ids."""
    return (folder / "emotions.txt").read_text(encoding="utf-8").split()


def group_members(folder: Path) -> dict[str, list[list[int]]]:
    """Return for each grouping of the 28 labels the numbers of the labels in each of its groups, in their order."""
    labels = goemotions_labels(folder)
    ekman = json.loads((folder / "ekman_mapping.json").read_text())
    grouping = json.loads((folder / "sentiment_mapping.json").read_text())
    folded = grouping | {"neutral": grouping["neutral"] + grouping["ambiguous"]}
    heads = {"ekman": (EKMAN, ekman), "sentiment": (SENTIMENT, folded), "grouping": (GROUPING, grouping)}
    return {
        head: [[labels.index(name) for name in mapping[group]] for group in order]
        for head, (order, mapping) in heads.items()
    }


def group_targets(fine: Matrix, groups: list[list[int]]) -> Matrix:
    """Fold [rows, 28] into [rows, groups]: a row has a group when any of its labels belongs to it."""
    return np.stack([fine[:, members].max(axis=1) for members in groups], axis=1)


def read_goemotions(folder: Path, split: str) -> Rows:
    """Read one split (train, dev or test) with targets for the four label sets of the model."""
    labels = goemotions_labels(folder)
    lines = (folder / f"{split}.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line]
    fine = np.zeros((len(cells), len(labels)), dtype=np.float32)
    for row, (_, ids, _) in enumerate(cells):
        fine[row, [int(label) for label in ids.split(",")]] = 1
    groups = group_members(folder)
    targets = {"goemotions": fine} | {head: group_targets(fine, members) for head, members in groups.items()}
    targets["four_way"] = four_way(targets["sentiment"])
    return Rows([text for text, _, _ in cells], targets)


def read_xed(folder: Path) -> Rows:
    """Read the film lines that carry at least one of the seven Ekman labels."""
    lines = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    rows = [row for row in rows if set(row["labels"]) & set(EKMAN)]
    ekman = np.array([[label in row["labels"] for label in EKMAN] for row in rows], dtype=np.float32)
    return Rows([row["text"] for row in rows], {"ekman": ekman})


def read_outside(folder: Path, name: str) -> Rows:
    """Read a sentiment set from outside Reddit, with targets [rows, 4] in the order of FOUR_WAY (none is mixed)."""
    lines = (folder / OUTSIDE[name]).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    names = [row["label"].removeprefix("very ") for row in rows]
    targets = np.array([[name == label for label in FOUR_WAY] for name in names], dtype=np.float32)
    return Rows([row["text"] for row in rows], {"four_way": targets})


def four_way(sentiment: Matrix) -> Matrix:
    """Return [rows, 4] in the order of FOUR_WAY from [rows, 3]: mixed where both feelings are present."""
    positive, negative = sentiment[:, 0] > 0, sentiment[:, 1] > 0
    columns = [positive & ~negative, negative & ~positive, ~positive & ~negative, positive & negative]
    return np.stack(columns, axis=1).astype(np.float32)


def replace_masks(text: str, rng: random.Random) -> str:
    """Put random names in the place of `[NAME]` and `[RELIGION]`, which no user's text contains."""
    for mask, choices in (("[NAME]", FIRST_NAMES), ("[RELIGION]", RELIGIONS)):
        while mask in text:
            text = text.replace(mask, rng.choice(choices), 1)
    return text


def length_batches(lengths: list[int], batch_rows: int, rng: random.Random) -> Iterator[list[int]]:
    """Yield shuffled batches of row numbers in which all texts are about equally long, so little is padding."""
    jittered = sorted(range(len(lengths)), key=lambda row: lengths[row] + 2 * rng.random())
    batches = [jittered[start : start + batch_rows] for start in range(0, len(jittered), batch_rows)]
    rng.shuffle(batches)
    yield from batches


def pad(token_ids: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return input ids and attention mask, both int64 [rows, longest row], padded with 0."""
    longest = max(len(ids) for ids in token_ids)
    ids = np.array([row + [0] * (longest - len(row)) for row in token_ids], dtype=np.int64)
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in token_ids], dtype=np.int64)
    return ids, mask
