"""A voice of VITS's published size on onnxruntime, against the same network in torch, as Coqui speaks with it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rounds import Ratio, compare
from benchmarks.sentiment import TRAINING_PYTHON
from benchmarks.speech import SENTENCES
from services.tts.engines.vits import Vits
from services.tts.front_end import id_sequences, sounds_of_all, spoken_words
from services.tts.network import Manner
from services.tts.parameters import VoiceParameters
from shared.store import LocalModel
from shared.store.manifest import parse_manifest

_LENGTH_SCALE = 2.5
"""Symbols of random weights last a frame; so they last about as long as in speech."""
_MOST_OF_TORCH = 0.67


def measure() -> list[Ratio]:
    """Return all rows; none where there is no training venv."""
    if not TRAINING_PYTHON.exists():
        sys.stdout.write(f"torch: not measured, there is no {TRAINING_PYTHON}\n")
        return []
    with TemporaryDirectory() as folder, torch_model(Path(folder)) as (model, in_torch):
        single, double = (Vits(model, threads) for threads in (1, 2))
        ids = _ids(model)
        return [
            compare(
                "seconds for a second of sound: onnxruntime / torch, one thread",
                lambda: _seconds(single, ids),
                lambda: in_torch(ids),
                at_most=_MOST_OF_TORCH,
            ),
            compare(
                "seconds for a second of sound: two threads / one",
                lambda: _seconds(double, ids),
                lambda: _seconds(single, ids),
            ),
        ]


@contextmanager
def torch_model(folder: Path) -> Iterator[tuple[LocalModel, Callable[[Sequence[int]], float]]]:
    """Start torch; yield its network as a model, and a function of ids to torch's seconds for a second of sound."""
    version = folder / "random" / "1"
    version.mkdir(parents=True)
    command = [str(TRAINING_PYTHON), "-m", "benchmarks.voices_torch", str(version)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        requests, answers = process.stdin, process.stdout

        def measured(ids: Sequence[int]) -> float:
            requests.write(json.dumps({"ids": list(ids), "length_scale": _LENGTH_SCALE}) + "\n")
            requests.flush()
            return float(answers.readline())

        answers.readline()
        manifest = parse_manifest((version / "manifest.json").read_bytes(), "random", "1")
        yield LocalModel(version, manifest), measured
        requests.close()


def _ids(model: LocalModel) -> Sequence[int]:
    front_end = VoiceParameters.of(model.manifest).front_end
    words = spoken_words(SENTENCES[0], front_end.language)
    return id_sequences(front_end, words, sounds_of_all([words], front_end)[0])[0].ids


def _seconds(voice: Vits, ids: Sequence[int]) -> float:
    began = time.perf_counter()
    sound = voice.speak(ids, Manner(rate=1 / _LENGTH_SCALE)).samples
    return (time.perf_counter() - began) / (len(sound) / voice.sample_rate_hz)
