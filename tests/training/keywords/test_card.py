"""What a card says, and what it does not claim."""

import json
from pathlib import Path
from typing import Any

import pytest

from training.keywords.card import model_card
from training.keywords.data import TEN_COMMANDS

NONE = {"hours": 0.0, "false_accepts_per_hour": 0.0, "words": {}}
STREAM: dict[str, Any] = {"threshold": 0.8, "kept": 0.9, "speech": {}, "all": NONE, "points": []}
SETTINGS = {"model": "resnet", "keywords": []}


def words_of(labels: list[str]) -> dict[str, Any]:
    return {label: {"precision": 1.0, "recall": 1.0, "f1": 1.0, "clips": 3} for label in labels}


class Judged:
    """The folder of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "judged"
        self.folder.mkdir()
        (self.folder / "settings.json").write_text(json.dumps(SETTINGS))

    def card(self, words: tuple[str, ...], clips: int, stream: dict[str, Any] = STREAM) -> str:
        labels = [*words, "unknown", "silence"]
        test = {"labels": labels, "accuracy": 0.9, "clips": 9, "calibration_error": 0.01, "words": words_of(labels)}
        metrics = {
            "learned": {"clips": clips, "speakers": 2, "weights": 3},
            "teachers": {},
            "clips": {"test": test, "validation": test},
            "noise": {"20": 0.9},
            "stream": stream,
        }
        (self.folder / "metrics.json").write_text(json.dumps(metrics))
        return model_card("home", self.folder, self.folder, None, [])


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    return Judged(tmp_path)


@pytest.mark.parametrize(
    ("words", "clips", "said"),
    [(TEN_COMMANDS, 3_184, True), (TEN_COMMANDS, 84_000, False), (("lights", "music"), 40, False)],
)
def test_only_a_small_part_of_speech_commands_is_called_one(
    words: tuple[str, ...], clips: int, said: bool, judged: Judged
) -> None:
    card = judged.card(words, clips)
    assert ("part of Speech Commands" in card) is said
    assert (f"{clips:,} clips to learn from, of 84,843" in card) is said


def test_false_accepts_are_told_of_speech_that_was_heard(judged: Judged) -> None:
    heard = {"hours": 2.0, "false_accepts_per_hour": 1.5, "words": {"up": 3}}
    point = {"threshold": 0.8, "kept": 0.9, "radio": 1.5}
    stream = {**STREAM, "speech": {"radio": heard}, "all": heard, "points": [point]}
    card = judged.card(("up", "down"), 40, stream)
    assert "| radio | 2.00 | 1.50 | up 3 |" in card
    assert "| 0.800 | 0.900 | 1.50 |" in card
    assert "No speech without commands" not in card


def test_without_such_speech_none_is_claimed(judged: Judged) -> None:
    card = judged.card(("up", "down"), 40)
    assert "No speech without commands was at hand" in card
    assert "| 0.00 |" not in card


def test_the_learning_curve_is_told_with_its_own_epochs(judged: Judged) -> None:
    amounts = judged.folder.parent / "amounts"
    (amounts / "1").mkdir(parents=True)
    (amounts / "1" / "settings.json").write_text(json.dumps({"epochs": 38}))
    (amounts / "amounts.csv").write_text("share,clips,error\n0.1,30,0.25\n1.0,300,0.1\n")
    (amounts / "promise.txt").write_text("A power law.\n")
    card = judged.card(("up", "down"), 40)
    assert "38 epochs" in card
    assert "| 1.0 | 300 | 0.1 |\n\nA power law." in card
