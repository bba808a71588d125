"""VITS on onnxruntime, against the same network in torch, as Coqui speaks with it; one thread each.

The time of the CPU is compared, which others on the machine change less than that of the clock.
"""

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

_SIZES = ("medium", "standard")
"""What is trained unless another is asked for, and the published network."""
_ROUNDS = 5
_WORDS = 5
_LENGTH_SCALE = 2.5
"""Symbols of random weights last a frame; so they last about as long as in speech."""
_MOST_OF_TORCH = 0.67


def measure() -> list[Ratio]:
    """Return all rows; none where there is no training venv."""
    if not TRAINING_PYTHON.exists():
        sys.stdout.write(f"torch: not measured, there is no {TRAINING_PYTHON}\n")
        return []
    return [row for size in _SIZES for row in _rows(size)]


def _rows(size: str) -> list[Ratio]:
    with TemporaryDirectory() as folder, torch_model(Path(folder), size) as (model, in_torch):
        single, double = (Vits(model, threads) for threads in (1, 2))
        ids = _ids(model)
        in_torch(ids)
        return [
            compare(
                f"{size}: CPU seconds for a second of sound: onnxruntime / torch",
                lambda: _seconds(single, ids, time.process_time),
                lambda: in_torch(ids),
                at_most=_MOST_OF_TORCH,
                rounds=_ROUNDS,
            ),
            compare(
                f"{size}: seconds for a second of sound: two threads / one",
                lambda: _seconds(double, ids, time.perf_counter),
                lambda: _seconds(single, ids, time.perf_counter),
                rounds=_ROUNDS,
            ),
        ]


@contextmanager
def torch_model(folder: Path, size: str) -> Iterator[tuple[LocalModel, Callable[[Sequence[int]], float]]]:
    """Start torch; yield its network as a model, and a function of ids to torch's CPU seconds for a second of sound."""
    version = folder / "random" / "1"
    version.mkdir(parents=True)
    command = [str(TRAINING_PYTHON), "-m", "benchmarks.voices_torch", str(version), size]
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
    words = spoken_words(SENTENCES[0], front_end.language)[:_WORDS]
    return id_sequences(front_end, words, sounds_of_all([words], front_end)[0])[0].ids


def _seconds(voice: Vits, ids: Sequence[int], clock: Callable[[], float]) -> float:
    began = clock()
    sound = voice.speak(ids, Manner(rate=1 / _LENGTH_SCALE)).samples
    return (clock() - began) / (len(sound) / voice.sample_rate_hz)
