"""What one recording or spoken sentence sounds like, frame by frame, and how two of the same words differ."""

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from services.tts.styles.world import f0_of, pyworld
from shared.audio.sound import Samples
from shared.mel import mel_filters

RATE_HZ = 16_000
"""At which everything is compared; recordings and voices may have any."""
FRAME_SECONDS = 0.01
_BANDS, _COEFFICIENTS = 80, 24
_F0_SEARCH_HZ = (55.0, 600.0)
_SILENT_BELOW_PEAK_DB, _UNHEARD_BELOW_PEAK_DB = 40.0, 80.0
_FEWEST_VOICED = 20
_FLOOR = 1e-10

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Frames of `FRAME_SECONDS`, without the silence at the ends."""

    f0_hz: Floats
    """Shape (frames,), 0 where unvoiced."""
    level_db: Floats
    """Shape (frames,)."""
    cepstrum_db: Floats
    """Shape (frames, 24): mel cepstrum of the spectral envelope without its level, scaled so that the Euclidean
    distance of two frames is the root mean square of the difference of their smoothed spectra in decibels."""

    @property
    def voiced_hz(self) -> Floats:
        """F0 of the voiced frames."""
        return self.f0_hz[self.f0_hz > 0]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a spoken sentence differs from the recording of the same words."""

    f0_semitones: float
    f0_range_ratio: float
    f0_correlation: float | None
    level_correlation: float
    mel_cepstral_distance_db: float


def analysed(samples: Samples) -> Analysis:
    """Analyse sound at `RATE_HZ`, shape (n,). Raises ValueError where too little of it is voiced."""
    sound = samples.astype(np.float64)
    f0, times = f0_of(sound, RATE_HZ, _F0_SEARCH_HZ, FRAME_SECONDS)
    power = pyworld.cheaptrick(sound, f0, times, RATE_HZ)
    bands_db = 10 * np.log10(power @ _filters(power.shape[1]) + _FLOOR)
    bands_db = np.maximum(bands_db, bands_db.max() - _UNHEARD_BELOW_PEAK_DB)
    level_db = 10 * np.log10(power.mean(axis=1) + _FLOOR)
    inside = _without_ends(level_db)
    found = Analysis(f0[inside], level_db[inside], _cepstrum(bands_db[inside]))
    if len(found.voiced_hz) < _FEWEST_VOICED:
        raise ValueError("no voiced speech")
    return found


def _filters(bins: int) -> Floats:
    filters = mel_filters(RATE_HZ, 2 * (bins - 1), _BANDS, 0.0, RATE_HZ / 2)
    return np.asarray(filters / filters.sum(axis=0), np.float64)


def _without_ends(level_db: Floats) -> slice:
    loud = np.flatnonzero(level_db > np.percentile(level_db, 98) - _SILENT_BELOW_PEAK_DB)
    return slice(int(loud[0]), int(loud[-1]) + 1)


def _cepstrum(bands_db: Floats) -> Floats:
    """Return coefficients 1 to 24 of the orthonormal cosine transform over the bands."""
    order, band = np.arange(1, _COEFFICIENTS + 1)[:, None], np.arange(_BANDS)[None, :]
    cosines = np.sqrt(2) / _BANDS * np.cos(np.pi * order * (band + 0.5) / _BANDS)
    return np.asarray(bands_db @ cosines.T, np.float64)


def aligned(spoken: Analysis, real: Analysis) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which frames of both belong together, by dynamic time warping of their spectra, in the order of time."""
    _, path = librosa.sequence.dtw(spoken.cepstrum_db.T, real.cepstrum_db.T)
    return path[::-1, 0], path[::-1, 1]


def difference(spoken: Analysis, real: Analysis) -> Difference:
    """Compare a spoken sentence with the recording of the same words."""
    left, right = aligned(spoken, real)
    distances = np.linalg.norm(spoken.cepstrum_db[left] - real.cepstrum_db[right], axis=1)
    medians = np.median(spoken.voiced_hz), np.median(real.voiced_hz)
    return Difference(
        f0_semitones=float(12 * np.log2(medians[0] / medians[1])),
        f0_range_ratio=_range(spoken) / _range(real),
        f0_correlation=_f0_correlation(spoken.f0_hz[left], real.f0_hz[right]),
        level_correlation=_correlation(spoken.level_db[left], real.level_db[right]) or 0.0,
        mel_cepstral_distance_db=float(distances.mean()),
    )


def _range(heard: Analysis) -> float:
    low, high = np.percentile(heard.voiced_hz, (10, 90))
    return max(float(12 * np.log2(high / low)), 0.1)


def _f0_correlation(spoken_hz: Floats, real_hz: Floats) -> float | None:
    both = (spoken_hz > 0) & (real_hz > 0)
    if both.sum() < _FEWEST_VOICED:
        return None
    return _correlation(np.log(spoken_hz[both]), np.log(real_hz[both]))


def _correlation(left: Floats, right: Floats) -> float | None:
    if left.std() == 0 or right.std() == 0:
        return None
    return float(np.corrcoef(left, right)[0, 1])
