"""A search for settings keeps to its budget, and goes on where it was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("keras")
pytest.importorskip("optuna")

from tests.training.speaker.prepared import write_prepared
from tests.training.speaker.test_train import SETTINGS
from training.speaker.search import search

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.mark.parametrize("task", ["gender", "age"])
def test_the_budget_counts_what_is_done_already(tmp_path: Path, task: str) -> None:
    prepared = write_prepared(tmp_path / "prepared", speakers=20)
    short = replace(SETTINGS, task=task, epochs=1, steps=2)
    first = search(prepared, tmp_path / "out", short, 1)
    again = search(prepared, tmp_path / "out", short, 2)
    assert [len(study.trials) for study in (first, again)] == [2, 2]  # a study reads what is there by now
    assert search(prepared, tmp_path / "out", short, 2).best_value == again.best_value
    best = json.loads((tmp_path / "out" / "best.json").read_text())
    assert best["error"] == min(trial.value or 0.0 for trial in again.trials)
    assert json.loads((tmp_path / "out" / "trial-000" / "settings.json").read_text())["task"] == task
