"""Recordings in two emotions, and a run that has learned a little from them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.started import ROOT

TEXTS = {
    "neutral": (
        "One morning in May.",
        "The door is open.",
        "We walked home late.",
        "Nobody was there.",
        "It may rain.",
    ),
    "angry": ("Leave me alone.", "This is not fair.", "Who did all that?", "Give it back now."),
}
SMALL = ("--size", "small", "--batch", "2", "--steps", "4", "--threads", "1")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_module() -> Run:
    """Run a module of the recipe."""

    def run(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", f"training.voices.vits.{module}", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=1500)

    return run


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences that the default engine speaks, laid out as LJSpeech, a folder for each emotion."""
    from training.voices.demo.teacher import teach

    folder = tmp_path_factory.mktemp("corpus")
    for emotion, texts in TEXTS.items():
        asyncio.run(teach(folder / emotion, 0.01, iter(texts)))
    return folder


@pytest.fixture(scope="session")
def prepared(corpus: Path, tmp_path_factory: pytest.TempPathFactory, run_module: Run) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    done = run_module("prepare", corpus, folder, "--processes", 1)
    assert (done.returncode, done.stdout) == (0, "9 recordings in neutral, angry\n"), done.stderr
    return folder


@pytest.fixture(scope="session")
def run(prepared: Path, tmp_path_factory: pytest.TempPathFactory, run_module: Run) -> Path:
    """Two epochs of four steps, never stopped."""
    folder = tmp_path_factory.mktemp("run")
    done = run_module("train", prepared, folder, *SMALL, "--epochs", 2)
    assert done.returncode == 0, done.stderr
    return folder
