"""What several clips in one run of a keyword engine gain over one after another."""

import time

import numpy as np

from services.keywords.engine import KeywordEngine
from services.keywords.features import Pictures

CLIPS = 8
_ROUNDS, _RUNS = 15, 12


def batching_gain(engine: KeywordEngine, clips: int = CLIPS) -> float:
    """Return how many times quicker a clip is heard in a batch of `clips` than alone, on one thread.

    In the processor's time, which other work on the machine changes little; the median of rounds that measure both.
    """
    noise = np.random.default_rng(1).normal(scale=0.05, size=clips * engine.features.window_samples)
    sounds = np.split(noise.astype(np.float32), clips)
    batch = np.concatenate([engine.features.pictures(sound) for sound in sounds])
    singles = [batch[number : number + 1] for number in range(clips)]
    return float(np.median([_seconds(engine, singles) / _seconds(engine, [batch]) for _ in range(_ROUNDS)]))


def _seconds(engine: KeywordEngine, batches: list[Pictures]) -> float:
    """Return the least time that hearing all `batches` takes this thread."""
    times = []
    for _ in range(_RUNS):
        started = time.thread_time()
        for batch in batches:
            engine.hear(batch)
        times.append(time.thread_time() - started)
    return min(times)
