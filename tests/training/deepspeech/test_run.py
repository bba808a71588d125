"""The whole recipe: a sentence that flite says is learned, exported, served, and written down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert")

from services.stt.engine import Wishes
from services.stt.engines.deepspeech import DeepSpeech
from shared.store import ModelStore
from tests.sounds import spoken

SENTENCE = "the cat sat in the wash"


@pytest.mark.heavy
def test_a_sentence_is_learned_and_served(tmp_path: Path) -> None:
    sound = spoken("slt", SENTENCE)
    recording = tmp_path / "cat.flac"
    soundfile.write(recording, sound.samples, sound.sample_rate_hz)
    recording.with_suffix(".txt").write_text("0 46797 The cat sat in the wash.\n")
    subprocess.run(
        ["sh", "training/deepspeech/run.sh", recording, tmp_path / "run"],
        env={**os.environ, "PYTHON": sys.executable, "HIDDEN": "48", "LICENCE": "CC0"},
        check=True,
    )
    store = ModelStore(str(tmp_path / "run" / "models"), tmp_path / "cache")
    engine = DeepSpeech(store.fetch("sentence", "1"), threads=1)
    assert [segment.text for segment in engine.transcribe([sound.samples], Wishes())[0]] == [SENTENCE]
