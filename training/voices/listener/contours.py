"""What can be followed through an utterance, frame by frame: pitch, level, spectrum, and how clear the voice is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, irfft, rfft

from services.tts.styles.world import f0_of
from shared.mel import mel_filters, power_spectrum
from training.shared.sounds import Samples

Curve = NDArray[np.float64]

RATE_HZ = 16_000
"""At which all sounds are measured."""
FRAME_SECONDS = 0.01
COEFFICIENTS = 13
"""Of the mel cepstrum, the first of which is the level."""
_WINDOW, _HOP, _FFT = 640, 160, 1024
_BANDS, _LOWEST_HZ, _HIGHEST_HZ = 26, 50.0, 7_000.0
_F0_FLOOR_HZ, _F0_CEILING_HZ = 55.0, 600.0
_SILENT_BELOW_PEAK_DB = 35.0
_FEWEST_VOICED = 10
_FLOOR = 1e-10


@dataclass(frozen=True, slots=True)
class Contours:
    """Frames of `FRAME_SECONDS` without the silence at the ends; one value a frame where no other shape is told."""

    f0_semitones: Curve
    """Above 55 Hz; NaN where unvoiced."""
    level_db: Curve
    cepstrum: Curve
    """(frames, 13)"""
    alpha_db: Curve
    """Power of 1 to 5 kHz over that of 50 to 1,000 Hz (eGeMAPS, Eyben et al. 2016)."""
    hammarberg_db: Curve
    """Strongest bin of 0 to 2 kHz over that of 2 to 5 kHz (eGeMAPS)."""
    low_slope_db: Curve
    """From 0 to 500 Hz, a kHz."""
    centroid_khz: Curve
    flux: Curve
    """How much the shape of the spectrum differs from that of the frame before."""
    harmonics_db: Curve
    """Harmonics over noise (Boersma 1993)."""

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Which frames have a pitch."""
        return ~np.isnan(self.f0_semitones)


def contours(samples: Samples) -> Contours:
    """Follow sound of shape (n,) at `RATE_HZ`. Raises ValueError where too little of it is voiced."""
    sound = samples.astype(np.float64)
    frames = _frames(sound)
    level_db = 10 * np.log10(np.mean(np.square(frames), axis=1) + _FLOOR)
    loud = np.flatnonzero(level_db > np.percentile(level_db, 98) - _SILENT_BELOW_PEAK_DB)
    inside = slice(loud[0], loud[-1] + 1)
    f0_hz, frames, level_db = _f0_hz(sound, len(frames))[inside], frames[inside], level_db[inside]
    if np.count_nonzero(f0_hz) < _FEWEST_VOICED:
        raise ValueError("no voiced speech")
    power = power_spectrum(frames, _FFT)
    return Contours(
        f0_semitones=12 * np.log2(np.where(f0_hz > 0, f0_hz, np.nan) / _F0_FLOOR_HZ),
        level_db=level_db,
        cepstrum=_cepstrum(power),
        alpha_db=_decibels(_band(power, 1_000, 5_000).sum(axis=1) / (_band(power, 50, 1_000).sum(axis=1) + _FLOOR)),
        hammarberg_db=_decibels(_band(power, 0, 2_000).max(axis=1) / (_band(power, 2_000, 5_000).max(axis=1) + _FLOOR)),
        low_slope_db=_slope_db(_band(power, 0, 500)),
        centroid_khz=_centroid_khz(power),
        flux=_flux(power),
        harmonics_db=_harmonics_db(frames, f0_hz),
    )


def _frames(sound: Curve) -> Curve:
    """Return windows, the middle of the first at the first sample."""
    padded = np.pad(sound, _WINDOW // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]


def _f0_hz(sound: Curve, count: int) -> Curve:
    """Return F0 of so many frames, 0 where unvoiced."""
    f0, _ = f0_of(sound, RATE_HZ, (_F0_FLOOR_HZ, _F0_CEILING_HZ), FRAME_SECONDS)
    return np.pad(f0, (0, max(0, count - len(f0))))[:count]


def _cepstrum(power: Curve) -> Curve:
    bands = power @ mel_filters(RATE_HZ, _FFT, _BANDS, _LOWEST_HZ, _HIGHEST_HZ)
    coefficients: Curve = dct(_decibels(bands), norm="ortho", axis=1)[:, :COEFFICIENTS]
    return coefficients


def _decibels(power: Curve) -> Curve:
    return 10 * np.log10(power + _FLOOR)


def _band(power: Curve, lowest_hz: float, highest_hz: float) -> Curve:
    hz = np.fft.rfftfreq(_FFT, 1 / RATE_HZ)
    return power[:, (hz >= lowest_hz) & (hz < highest_hz)]


def _slope_db(power: Curve) -> Curve:
    khz = np.arange(power.shape[1]) * RATE_HZ / _FFT / 1_000
    from_mean = khz - khz.mean()
    return np.asarray(_decibels(power) @ from_mean / np.square(from_mean).sum(), np.float64)


def _centroid_khz(power: Curve) -> Curve:
    khz = np.fft.rfftfreq(_FFT, 1 / RATE_HZ) / 1_000
    return np.asarray(power @ khz / (power.sum(axis=1) + _FLOOR), np.float64)


def _flux(power: Curve) -> Curve:
    magnitude = np.sqrt(power)
    shape = magnitude / (magnitude.sum(axis=1, keepdims=True) + _FLOOR)
    return np.asarray(np.linalg.norm(np.diff(shape, axis=0, prepend=shape[:1]), axis=1), np.float64)


def _harmonics_db(frames: Curve, f0_hz: Curve) -> Curve:
    """Compare each frame with itself one period later, the window's own fall taken out."""
    window = np.hanning(_WINDOW)
    lags = np.rint(RATE_HZ / np.where(f0_hz > 0, f0_hz, _F0_CEILING_HZ)).astype(int)
    same = _autocorrelation((frames - frames.mean(axis=1, keepdims=True)) * window)
    own = _autocorrelation(window[None])[0]
    clearness = same[np.arange(len(frames)), lags] / (same[:, 0] + _FLOOR) * own[0] / own[lags]
    clearness = np.clip(clearness, 0.01, 0.999)
    return np.asarray(10 * np.log10(clearness / (1 - clearness)), np.float64)


def _autocorrelation(frames: Curve) -> Curve:
    size = 2 * frames.shape[1]
    spectrum = rfft(frames, size, axis=1)
    correlation: Curve = irfft(np.square(np.abs(spectrum)), size, axis=1)[:, : frames.shape[1]]
    return correlation
