"""The WORLD vocoder (Morise, Yokomori, Ozawa 2016), imported without the warning of pyworld's pkg_resources."""

import warnings

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyworld

__all__ = ["decoded_sound", "f0_of", "pyworld"]

Floats = NDArray[np.float64]


def f0_of(
    sound: Floats, sample_rate_hz: int, search_hz: tuple[float, float], frame_seconds: float
) -> tuple[Floats, Floats]:
    """Return F0 of each frame, 0 where unvoiced, and the frames' times in seconds; `sound` is (n,).

    DIO and StoneMask: Harvest costs thirty times as much, and hears voices in pauses.
    """
    low_hz, high_hz = search_hz
    rough, times = pyworld.dio(sound, sample_rate_hz, low_hz, high_hz, frame_period=frame_seconds * 1000)
    return pyworld.stonemask(sound, rough, times, sample_rate_hz), times


def decoded_sound(
    f0_hz: Floats, spectrum: Floats, aperiodicity: Floats, sample_rate_hz: int, frame_seconds: float
) -> Floats:
    """Return the sound, (n,), of frames as pyworld codes them: F0 (frames,), the others (frames, coefficients)."""
    size = pyworld.get_cheaptrick_fft_size(sample_rate_hz)
    power = pyworld.decode_spectral_envelope(spectrum, sample_rate_hz, size)
    noise = pyworld.decode_aperiodicity(aperiodicity, sample_rate_hz, size)
    sound: Floats = pyworld.synthesize(f0_hz, power, noise, sample_rate_hz, frame_seconds * 1000)
    return sound
