"""Spoken commands: one clip's way against the bare features and model, clips a second, and what batches would gain.

The way there and back costs what a small call to an engine that costs nothing does, as in `hop`; beside it stands what
of that NGINX adds alone.
"""

import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks import wrk
from benchmarks.batching import CLIPS, batching_gain
from benchmarks.hop import small_call
from benchmarks.rounds import Ratio, compare
from benchmarks.stack import FAKE, Addresses, running_timbre
from services.keywords.engine import KeywordEngine
from services.keywords.engines.onnx import Onnx
from services.keywords.features import Samples
from services.keywords.settings import KeywordsSettings
from shared.audio import Sound, encode
from shared.store import ModelStore

_RATE_HZ = 16_000
_BARE_RUNS = 200
_CLIPS_PER_SECOND = 200.0
_BOUNDARY = "timbre-benchmark"


def measure() -> list[Ratio]:
    """Return all rows; the model is the one that the settings name (TIMBRE_MODELS, TIMBRE_KEYWORDS_MODEL)."""
    engine, clip = _engine(), _clip()
    with running_timbre({**FAKE, "TIMBRE_KEYWORDS_ENGINE": "onnx"}) as timbre:
        rows = [
            compare(
                "one clip through NGINX, p50 in µs / bare + a small call",
                lambda: _load(timbre, clip, 1).p50_microseconds,
                lambda: _bare_microseconds(engine, clip) + _small_call_microseconds(timbre, timbre.public),
                at_most=1.5,
            ),
            compare(
                "the same / bare + what NGINX adds to a small call",
                lambda: _load(timbre, clip, 1).p50_microseconds,
                lambda: _bare_microseconds(engine, clip) + _hop_microseconds(timbre),
            ),
            compare(
                "clips/s through NGINX, 16 connections / the goal",
                lambda: _load(timbre, clip, 16).requests_per_second,
                lambda: _CLIPS_PER_SECOND,
                at_least=1.0,
            ),
        ]
    gain = f"engine: clips/s in batches of {CLIPS} / alone, relative"
    return [*rows, compare(gain, lambda: batching_gain(engine), lambda: 1.0, rounds=3)]


def _engine() -> KeywordEngine:
    settings = KeywordsSettings()
    model = ModelStore(settings.models, Path(settings.models_cache)).fetch(settings.keywords_model)
    return Onnx(model, settings.keywords_threads)


def _clip() -> Samples:
    """Return a second of noise, which costs what speech costs."""
    return np.random.default_rng(1).normal(scale=0.05, size=_RATE_HZ).astype(np.float32)


def _load(timbre: Addresses, clip: Samples, connections: int) -> wrk.Load:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="clip.wav"\r\n\r\n'
    body = head.encode() + encode(Sound(clip, _RATE_HZ), "wav") + f"\r\n--{_BOUNDARY}--\r\n".encode()
    headers = {**timbre.headers, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    return wrk.run(f"{timbre.public}/v1/audio/keywords", body, headers, connections)


def _bare_microseconds(engine: KeywordEngine, clip: Samples) -> float:
    """Return how long features and model take, in this process, for sound that is there already."""

    def once() -> float:
        began = time.perf_counter()
        engine.hear(np.ascontiguousarray(engine.features.pictures(clip)))
        return time.perf_counter() - began

    return 1e6 * statistics.median(once() for _ in range(_BARE_RUNS))


def _hop_microseconds(timbre: Addresses) -> float:
    direct = _small_call_microseconds(timbre, timbre.direct["sentiment"])
    return _small_call_microseconds(timbre, timbre.public) - direct


def _small_call_microseconds(timbre: Addresses, address: str) -> float:
    return small_call(timbre, address, 1).p50_microseconds
