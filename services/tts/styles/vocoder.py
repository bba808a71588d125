"""Change the time and the F0 of a sentence with the WORLD vocoder, all words in one pass.

Its frames hold F0, spectral envelope and aperiodicity, which are changed apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.tts.speech import Samples, Speech
from services.tts.styles.change import ProsodyChange
from services.tts.styles.curves import Curve, drawn
from services.tts.styles.world import f0_of, pyworld

_FRAME_SECONDS = 0.005
_F0_SEARCH_HZ = (60.0, 500.0)
_F0_LIMITS_HZ = (50.0, 700.0)
_RESYNTHESIS_GAIN = 10 ** (-0.85 / 20)
"""WORLD's copy of our voices is 0.65 to 1.0 dB louder than its original."""
_RATE_LIMITS, _PITCH_LIMITS, _RANGE_LIMITS = (0.2, 5.0), (0.33, 3.0), (0.0, 3.0)
_TRACT_LIMITS = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class _World:
    f0_hz: Curve
    """0 where unvoiced."""
    power: NDArray[np.float64]
    """(frames, bins)"""
    aperiodicity: NDArray[np.float64]


def needs_vocoder(change: ProsodyChange) -> bool:
    """Tell whether a change asks for anything that is done here."""
    factors = change.rate, change.pitch, change.pitch_range, change.tract_length
    return factors != (1.0, 1.0, 1.0, 1.0) or change.whisper > 0


def resynthesised(speech: Speech, changes: Sequence[ProsodyChange]) -> Speech:
    """Apply rate, pitch, pitch range, length of the vocal tract and whisper, one change a word.

    Costs about 0.03 s a second of sound.
    """
    world = _analysed(speech)
    count = len(world.f0_hz)

    def curve(values: Sequence[float], limits: tuple[float, float]) -> Curve:
        return np.exp(drawn(speech.words, np.log(np.clip(values, *limits)).tolist(), count, _FRAME_SECONDS))

    pitch = curve([change.pitch for change in changes], _PITCH_LIMITS)
    ranges = np.clip([change.pitch_range for change in changes], *_RANGE_LIMITS).tolist()  # 0 has no logarithm
    pitch_range = drawn(speech.words, ranges, count, _FRAME_SECONDS)
    rate = curve([change.rate for change in changes], _RATE_LIMITS)
    times: Curve = np.arange(count, dtype=np.float64) * _FRAME_SECONDS
    warped_times: Curve = np.concatenate(([0.0], np.cumsum(_FRAME_SECONDS / rate)[:-1]))
    tract_length = curve([change.tract_length for change in changes], _TRACT_LIMITS)
    whisper = drawn(speech.words, [change.whisper for change in changes], count, _FRAME_SECONDS)
    power = _in_tract(world.power, tract_length)
    pitched = _whispered(_World(_pitched(world.f0_hz, pitch, pitch_range), power, world.aperiodicity), whisper)
    samples = _synthesised(_warped(pitched, times, warped_times), speech.sample_rate_hz)
    length = int(np.interp(speech.seconds, times, warped_times) * speech.sample_rate_hz)
    return speech.moved(samples[:length], lambda seconds: float(np.interp(seconds, times, warped_times)))


def _analysed(speech: Speech) -> _World:
    x, rate = speech.samples.astype(np.float64), speech.sample_rate_hz
    f0, times = f0_of(x, rate, _F0_SEARCH_HZ, _FRAME_SECONDS)
    return _World(f0, pyworld.cheaptrick(x, f0, times, rate), pyworld.d4c(x, f0, times, rate))


def _pitched(f0_hz: Curve, pitch: Curve, pitch_range: Curve) -> Curve:
    """Move F0 and spread it around the mean of the sentence, in the logarithm."""
    voiced = f0_hz > 0
    if not voiced.any():
        return f0_hz
    log_f0 = np.log(f0_hz[voiced])
    mean = np.mean(log_f0)
    changed = np.exp(mean + pitch_range[voiced] * (log_f0 - mean)) * pitch[voiced]
    result = np.zeros_like(f0_hz)
    result[voiced] = np.clip(changed, *_F0_LIMITS_HZ)
    return result


def _in_tract(power: NDArray[np.float64], length: Curve) -> NDArray[np.float64]:
    """Move the envelope of each frame towards low frequencies by the factor of the tract's length."""
    changed = power.copy()
    bins = np.arange(power.shape[1])
    for frame in np.flatnonzero(~np.isclose(length, 1.0)):
        changed[frame] = np.interp(bins * length[frame], bins, power[frame])
    return changed


def _whispered(world: _World, whisper: Curve) -> _World:
    """Take the voice out of the frames that are whispered: all of them is noise."""
    whispered = whisper > 0.5
    if not whispered.any():
        return world
    aperiodicity = np.where(whispered[:, None], 1.0, world.aperiodicity)
    return _World(np.where(whispered, 0.0, world.f0_hz), world.power, np.ascontiguousarray(aperiodicity))


def _warped(world: _World, times: Curve, warped_times: Curve) -> _World:
    """Read the frames at new moments. Envelopes are mixed of neighbours, voicing is the nearest's."""
    if np.allclose(times, warped_times):
        return world
    moments = np.arange(0, warped_times[-1], _FRAME_SECONDS)
    positions = np.interp(moments, warped_times, np.arange(len(times)))
    left = np.minimum(positions.astype(int), len(times) - 2)
    share = (positions - left)[:, None]
    power = world.power[left] * (1 - share) + world.power[left + 1] * share
    nearest = np.rint(positions).astype(int)
    aperiodicity = np.ascontiguousarray(world.aperiodicity[nearest])
    return _World(_mixed_f0(world.f0_hz, left, share[:, 0], nearest), power, aperiodicity)


def _mixed_f0(f0_hz: Curve, left: NDArray[np.int_], share: Curve, nearest: NDArray[np.int_]) -> Curve:
    one, other = f0_hz[left], f0_hz[left + 1]
    both = (one > 0) & (other > 0)
    return np.where(both, one * (1 - share) + other * share, f0_hz[nearest])


def _synthesised(world: _World, sample_rate_hz: int) -> Samples:
    period_ms = _FRAME_SECONDS * 1000
    samples = pyworld.synthesize(world.f0_hz, world.power, world.aperiodicity, sample_rate_hz, period_ms)
    return np.asarray(samples * _RESYNTHESIS_GAIN, np.float32)
