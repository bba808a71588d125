"""The whole recipe with VITS: killed, called again, and the voice speaks through the service's engine."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("TTS")

from services.tts.engines.trained import Trained
from services.tts.settings import TTSSettings
from services.tts.speech import SpokenWord, Utterance
from shared.metrics import Metrics
from tests.started import ROOT, patiently
from tests.training.voices.vits.conftest import environment
from training.voices.history import read_history

pytestmark = pytest.mark.timeout(3000)
WANTED = {
    "NAME": "ruth",
    "CONSENT": "I agree that my voice is made from these recordings.",
    "NETWORK": "vits",
    "SIZE": "small",
    "EPOCHS": "2",
    "EPOCH_STEPS": "4",
    "BATCH": "2",
    "THREADS": "1",
    "UNCHECKED": "1",
    "PYTHON": sys.executable,
}


def recipe(corpus: Path, out: Path) -> "subprocess.Popen[str]":
    command = ["sh", str(ROOT / "training" / "voices" / "run.sh"), str(corpus), str(out)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, env=environment() | WANTED, text=True, start_new_session=True, **pipes)


async def say(models: Path, cache: Path) -> dict[str, float]:
    """Return how loud the voice's ways of speaking are, by model and emotion."""
    engine = Trained.configured(TTSSettings(models=str(models), models_cache=str(cache)), Metrics())
    await engine.start()
    [voice] = engine.voices()
    utterance = Utterance((SpokenWord("hello"), SpokenWord("there")), voice.id, voice.language)
    ways = {way.emotion or "neutral": way.spoken_by for way in (voice, *voice.trained.values())}
    spoken = {f"{voice.version} {emotion}": await way.speak(utterance) for emotion, way in ways.items() if way}
    await engine.close()
    return {name: float(np.abs(speech.samples).max()) for name, speech in spoken.items()}


def test_a_killed_recipe_goes_on_and_its_voice_speaks(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with recipe(corpus, out) as killed:
        assert any(read_history(out / "run") or killed.poll() is not None for _ in patiently(1200))
        os.killpg(killed.pid, signal.SIGKILL)
    assert not (out / "network").exists()
    with recipe(corpus, out) as whole:
        said, _ = whole.communicate()
    assert whole.returncode == 0, said
    assert [row["epoch"] for row in read_history(out / "run")] == [1, 2]
    loud = asyncio.run(say(out / "models", tmp_path / "cache"))
    assert sorted(loud) == ["ruth/1 angry", "ruth/1 neutral"]
    assert all(0.001 < peak <= 1 for peak in loud.values()), loud
