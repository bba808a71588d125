"""What a network says of whole recordings: windows one by one, then pooled as the service does."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from services.speaker.engine import Heard
from services.speaker.features import VoiceFeatures
from services.speaker.pooling import Evidence, speech_seconds
from services.speaker.windows import STEP_FRAMES, Windows, windows_of
from training.speaker.prepared import Prepared, Rows

Numbers = NDArray[np.float32]
Network = Callable[[Numbers], Heard]
"""From windows of frames, [windows, frames, bins]."""

STEP_SECONDS = STEP_FRAMES * VoiceFeatures().step_samples / VoiceFeatures().sample_rate_hz
_AT_ONCE_WINDOWS = 256
_MOST_ROWS = 5_000
"""Recordings to judge with, chosen at random where there are more."""


def hear(network: Network, recordings: Iterable[Numbers], window_frames: int) -> list[Evidence]:
    """Hear the frames of recordings, [frames, bins] each; some windows are held at once, never all."""
    found: list[Evidence] = []
    waiting: list[Windows] = []
    for frames in recordings:
        waiting.append(_windows(frames, window_frames))
        if sum(len(windows.frames) for windows in waiting) >= _AT_ONCE_WINDOWS:
            found += _evidence(network, waiting)
            waiting = []
    return [*found, *_evidence(network, waiting)]


def judged_rows(prepared: Prepared, rows: Rows, truth: Numbers, version: int) -> Rows:
    """Return those recordings, in one version, of which the truth is known; a random choice of too many."""
    rows = rows[(prepared.version[rows] == version) & ~np.isnan(truth)]
    return np.sort(np.random.default_rng(0).permutation(rows)[:_MOST_ROWS])


def _windows(frames: Numbers, window_frames: int) -> Windows:
    """Return the windows of a recording; a shorter one is repeated until it fills one."""
    if len(frames) >= window_frames:
        return windows_of(frames, window_frames)
    own = np.arange(window_frames // STEP_FRAMES)[None] < -(-len(frames) // STEP_FRAMES)
    return Windows(frames[np.arange(window_frames) % len(frames)][None], own)


def _evidence(network: Network, waiting: list[Windows]) -> Iterator[Evidence]:
    if not waiting:
        return
    heard = network(np.concatenate([windows.frames for windows in waiting]))
    ends = np.cumsum([len(windows.frames) for windows in waiting])[:-1]
    parts = zip(*(np.split(each, ends) for each in (heard.speech, heard.several, heard.voice)), strict=True)
    for windows, (speech, several, voice) in zip(waiting, parts, strict=True):
        yield Evidence(speech_seconds(speech, windows.own, STEP_SECONDS), several, voice)
