"""What a network says of whole recordings: windows one by one, then all together, each by how much speech it has."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.speaker.features import VoiceFeatures
from training.speaker.targets import STEP_FRAMES

Numbers = NDArray[np.float32]
_AT_ONCE_WINDOWS = 256
STEP_SECONDS = STEP_FRAMES * VoiceFeatures().step_samples / VoiceFeatures().sample_rate_hz


class Said(NamedTuple):
    """What the served network says of windows."""

    speech: Numbers
    """[windows, steps], 0 to 1."""
    several: Numbers
    """[windows], 0 to 1."""
    answer: Numbers
    """The logit of a woman's voice, [windows, 1], or how likely each year is, [windows, years]."""


Network = Callable[[Numbers], Said]
"""From windows of frames, [windows, frames, bins]."""


@dataclass(frozen=True)
class Heard:
    """What is said of each of n recordings."""

    speech_seconds: Numbers
    several: Numbers
    answer: Numbers
    """[n, 1] or [n, years]."""


def hear(network: Network, recordings: Iterable[Numbers], window_frames: int) -> Heard:
    """Judge the frames of recordings, [frames, bins] each; some windows are held at once, never all."""
    pooled: list[tuple[float, float, Numbers]] = []
    waiting: list[tuple[Numbers, int]] = []
    for frames in recordings:
        waiting.append((windows_of(frames, window_frames), len(frames)))
        if sum(len(windows) for windows, _ in waiting) >= _AT_ONCE_WINDOWS:
            pooled += _pooled(network, waiting)
            waiting = []
    pooled += _pooled(network, waiting)
    seconds, several, answers = zip(*pooled, strict=True)
    return Heard(np.array(seconds, np.float32), np.array(several, np.float32), np.stack(answers))


def windows_of(frames: Numbers, window_frames: int) -> Numbers:
    """Return windows one behind the other, the last at the end; what is shorter is repeated until it fills one."""
    if len(frames) < window_frames:
        return frames[np.arange(window_frames) % len(frames)][None]
    last = len(frames) - window_frames
    starts = [*range(0, last, window_frames), last]
    return np.stack([frames[start : start + window_frames] for start in starts])


def _pooled(network: Network, waiting: list[tuple[Numbers, int]]) -> list[tuple[float, float, Numbers]]:
    if not waiting:
        return []
    said = network(np.concatenate([windows for windows, _ in waiting]))
    ends = np.cumsum([len(windows) for windows, _ in waiting])[:-1]
    parts = zip(*(np.split(each, ends) for each in said), strict=True)
    return [_together(Said(*part), length) for part, (_, length) in zip(parts, waiting, strict=True)]


def _together(said: Said, frames: int) -> tuple[float, float, Numbers]:
    """Return seconds of speech, how likely several speak, and the answer, of one recording of so many frames."""
    own = said.speech[:, : -(-frames // STEP_FRAMES)]
    weights = own.sum(axis=1) + 1e-6
    weights /= weights.sum()
    new_steps = _new_steps(own, frames)
    return float(new_steps.sum() * STEP_SECONDS), float(weights @ said.several), weights @ said.answer


def _new_steps(speech: Numbers, frames: int) -> NDArray[np.bool_]:
    """Return where speech is likely, without what the last window has in common with the one before it."""
    likely = speech > 0.5
    common = (len(speech) * speech.shape[1]) - -(-frames // STEP_FRAMES)
    if len(speech) > 1 and common > 0:
        likely[-1, :common] = False
    return likely
