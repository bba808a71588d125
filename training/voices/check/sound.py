"""One sound, measured: whether it can be read, how loud and how clean it is, and where speech begins and ends."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.audio import AudioLimits, decode
from shared.problems import Problem, TooLarge
from training.shared.sounds import Damaged, Samples, numbers, read_channels
from training.voices.corpus import MOST_SOUND_BYTES

MOST_SECONDS = 60.0
_LIMITS = AudioLimits(max_bytes=MOST_SOUND_BYTES, max_seconds=MOST_SECONDS, max_work_seconds=60)

_FRAME_SECONDS = 0.02
_LEAST_DB = -120.0
_DIGITAL_SILENCE_DB = -100.0
_SPEECH_RANGE_DB = 30.0
"""How far below the loudest a frame may be that is counted as speech."""
_OVER_NOISE_DB = 6.0
_QUIETEST_FRAMES = 3
"""Noise is heard even in speech without pauses, where a plosive closes the mouth."""
_FRAMES_IN_A_ROW = 2
_RUN_SAMPLES = 3
_LEAST_CLIPPED = 0.3
"""Of full scale: what lies flat below it was hardly cut off."""
_LOST_SHARE = 0.02

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoundMeasures:
    """What is measured of one recording; decibels are of full scale."""

    seconds: float
    sample_rate_hz: int
    channels: int
    peak: float
    """From 0 to 1."""
    clipped_samples: int
    """Of those that lie flat at the loudest value, three and more in a row."""
    level_db: float
    """Of the speech in it."""
    noise_db: float
    """Of its quietest moments, digital silence left out."""
    leading_seconds: float
    trailing_seconds: float
    hash: str
    """Of the samples, without digital silence around them."""

    @property
    def over_noise_db(self) -> float:
        """How far the speech is above the noise."""
        return self.level_db - self.noise_db

    @property
    def speech_seconds(self) -> float:
        """How long it is without the silence around it."""
        return self.seconds - self.leading_seconds - self.trailing_seconds


class Silent(Exception):
    """A sound in which nothing is heard."""


def measured_sound(path: Path) -> SoundMeasures:
    """Measure a recording; raises Damaged with what is wrong, TooLarge for a long one, Silent."""
    gate_seconds = _decoded_seconds(path)
    channels, sample_rate_hz = read_channels(path, MOST_SECONDS)
    mono: Samples = channels.mean(axis=1)
    seconds = len(mono) / sample_rate_hz
    if abs(seconds - gate_seconds) > _LOST_SHARE * max(seconds, gate_seconds) + _FRAME_SECONDS:
        raise Damaged("it breaks off in the middle")
    levels = _levels(mono, sample_rate_hz)
    if levels.max() < _DIGITAL_SILENCE_DB:
        raise Silent
    level_db, noise_db = _speech_and_noise(levels)
    leading, trailing = _silence_around(levels, level_db, noise_db)
    return SoundMeasures(
        seconds=seconds,
        sample_rate_hz=sample_rate_hz,
        channels=channels.shape[1],
        peak=float(np.abs(channels).max()),
        clipped_samples=max(_clipped(channel) for channel in channels.T),
        level_db=level_db,
        noise_db=noise_db,
        leading_seconds=leading * _FRAME_SECONDS,
        trailing_seconds=trailing * _FRAME_SECONDS,
        hash=_hash(mono),
    )


def _decoded_seconds(path: Path) -> float:
    """Return how long it is as a decoder with limits reads it, in a process that a hostile file may ruin."""
    try:
        return decode(path.read_bytes(), _LIMITS).seconds
    except TooLarge:
        raise
    except Problem as problem:
        raise Damaged(problem.detail) from problem
    except OSError as error:
        raise Damaged("it cannot be opened") from error


def _levels(mono: Samples, sample_rate_hz: int) -> Levels:
    """Return the power of each frame of 20 ms in dB; of less than one frame, that of all."""
    frame_samples = min(int(_FRAME_SECONDS * sample_rate_hz), len(mono))
    frames = mono[: len(mono) // frame_samples * frame_samples].reshape(-1, frame_samples).astype(np.float64)
    levels: Levels = np.maximum(10 * np.log10(np.square(frames).mean(axis=1) + 1e-12), _LEAST_DB)
    return levels


def _speech_and_noise(levels: Levels) -> tuple[float, float]:
    sounding = levels[levels >= _DIGITAL_SILENCE_DB]
    speech = sounding[sounding > np.percentile(sounding, 95) - _SPEECH_RANGE_DB]
    return _mean_db(speech), _mean_db(np.sort(sounding)[:_QUIETEST_FRAMES])


def _mean_db(levels: Levels) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def _silence_around(levels: Levels, level_db: float, noise_db: float) -> tuple[int, int]:
    """Return how many frames are silent before and behind what is said."""
    threshold_db = min(max(level_db - _SPEECH_RANGE_DB, noise_db + _OVER_NOISE_DB), level_db - _OVER_NOISE_DB)
    loud = levels > threshold_db
    rows = min(_FRAMES_IN_A_ROW, len(loud))
    starts = np.flatnonzero(np.lib.stride_tricks.sliding_window_view(loud, rows).all(axis=1))
    if not len(starts):
        return 0, 0
    return int(starts[0]), int(len(levels) - starts[-1] - rows)


def _clipped(channel: Samples) -> int:
    """Return how many samples lie in runs at the channel's loudest value, of either sign."""
    count = 0
    for extreme, signed in ((channel.max(), channel), (-channel.min(), -channel)):
        if extreme >= _LEAST_CLIPPED:
            count += _in_runs(signed >= extreme - 1e-6)
    return count


def _in_runs(flat: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= _RUN_SAMPLES].sum())


def _hash(mono: Samples) -> str:
    """Return the same for the same sound, however much digital silence is around it."""
    heard = np.flatnonzero(mono)
    return hashlib.sha256(numbers(mono[heard[0] : heard[-1] + 1]).tobytes()).hexdigest()
