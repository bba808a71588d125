"""Age and gender of a voice: the service against the bare engines, and what a minute of sound costs.

Bare is all that a recording needs once it is decoded: features, networks and pooling, in this process. The sound is
noise, which costs what speech costs. The models are those that the settings name (TIMBRE_MODELS, TIMBRE_SPEAKER_*).
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

from benchmarks.rounds import Ratio, compare
from benchmarks.stack import FAKE, running_timbre
from services.speaker.engines.onnx import Onnx
from services.speaker.features import Samples
from services.speaker.judging import Judging, Model
from services.speaker.settings import SpeakerSettings
from shared.audio import Sound, encode
from shared.store import ModelStore

_CALL = "/v1/audio/speaker"
_RATE_HZ = 16_000
_SHORT_SECONDS, _SHORT_RECORDINGS, _AT_ONCE = 10, 16, 2
"""Two at once, so that the engines need not wait while the next recording is on its way; there is one slot."""
_LONG_SECONDS, _MOST_LONG_SECONDS = 60, 1.0
_LEAST_THROUGHPUT = 0.9


def measure() -> list[Ratio]:
    """Return all rows."""
    models = _models()
    short, long = _noise(_SHORT_SECONDS), _noise(_LONG_SECONDS)
    served = {**FAKE, "TIMBRE_SPEAKER_ENGINE": "onnx", "TIMBRE_SLOTS": "1"}
    with running_timbre(served) as timbre:
        headers = {"Authorization": timbre.headers["Authorization"]}
        with httpx.Client(base_url=timbre.public, headers=headers, timeout=60) as client:
            return [
                compare(
                    "10-second recordings a second, service / bare",
                    lambda: _asked(client, short),
                    lambda: _judged(models, short),
                    at_least=_LEAST_THROUGHPUT,
                ),
                compare(
                    "seconds for a minute of sound / the goal",
                    lambda: _seconds_of_call(client, long),
                    lambda: _MOST_LONG_SECONDS,
                    at_most=1.0,
                ),
            ]


def _models() -> list[Model]:
    settings = SpeakerSettings(speaker_engine="onnx")
    store = ModelStore(settings.models, Path(settings.models_cache))
    opened = {task: store.fetch(name) for task, name in settings.model_names.items()}
    return [
        Model(model.manifest.name, task, Onnx(task, model, settings.speaker_threads)) for task, model in opened.items()
    ]


def _noise(seconds: float) -> Samples:
    return np.random.default_rng(1).normal(scale=0.05, size=int(seconds * _RATE_HZ)).astype(np.float32)


def _judged(models: list[Model], samples: Samples) -> float:
    """Return recordings a second."""
    began = time.perf_counter()
    for _ in range(_SHORT_RECORDINGS):
        judging = Judging(models, lambda model, frames: model.engine.hear(frames))
        for _ in judging.feed(samples):
            pass
        judging.finish(segments=False)
    return _SHORT_RECORDINGS / (time.perf_counter() - began)


def _asked(client: httpx.Client, samples: Samples) -> float:
    """Return recordings a second."""
    recording = encode(Sound(samples, _RATE_HZ), "wav")
    began = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda _: _call(client, recording), range(_SHORT_RECORDINGS)))
    return _SHORT_RECORDINGS / (time.perf_counter() - began)


def _seconds_of_call(client: httpx.Client, samples: Samples) -> float:
    recording = encode(Sound(samples, _RATE_HZ), "wav")
    began = time.perf_counter()
    _call(client, recording)
    return time.perf_counter() - began


def _call(client: httpx.Client, recording: bytes) -> None:
    client.post(_CALL, files={"file": ("noise.wav", recording)}).raise_for_status()
