"""Change the loudness and the brightness of a sentence, which needs no vocoder."""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.tts.speech import Samples, Speech
from services.tts.styles.change import ProsodyChange
from services.tts.styles.curves import Curve, drawn

_WINDOW_SECONDS = 0.032
_OVERLAP = 4
_TILT_CENTRE_HZ, _TILT_OCTAVES = 1_000.0, 0.35
_VOLUME_FRAME_SECONDS = 0.005


def louder(speech: Speech, changes: Sequence[ProsodyChange]) -> Speech:
    """Change each word's volume."""
    frames = int(speech.seconds / _VOLUME_FRAME_SECONDS) + 2
    volume_db = drawn(speech.words, [change.volume_db for change in changes], frames, _VOLUME_FRAME_SECONDS)
    position = np.arange(len(speech.samples)) / (_VOLUME_FRAME_SECONDS * speech.sample_rate_hz)
    gain = 10 ** (np.interp(position, np.arange(frames), volume_db) / 20)
    return speech.sounding((speech.samples * gain).astype(np.float32))


def tilted(speech: Speech, changes: Sequence[ProsodyChange]) -> Speech:
    """Tilt each word's spectrum about 1 kHz, in a way that the sentence's mean spectrum keeps its power.

    Overlapping windows (Hann, 32 ms, a quarter apart) are filtered one by one (Allen and Rabiner 1977).
    """
    hop = round(_WINDOW_SECONDS / _OVERLAP * speech.sample_rate_hz)
    spectra = _spectra(speech.samples, hop)
    tilt_db = drawn(speech.words, [change.tilt_db for change in changes], len(spectra), hop / speech.sample_rate_hz)
    gains = _gains(tilt_db, np.mean(np.square(np.abs(spectra)), axis=0), speech.sample_rate_hz)
    samples = _overlapped(spectra * np.sqrt(gains), hop)[: len(speech.samples)]
    return speech.sounding(samples.astype(np.float32))


def _gains(tilt_db: Curve, mean_power: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """Return a gain of power for each moment and frequency, shape (frames, bins)."""
    hz = np.linspace(0, sample_rate_hz / 2, len(mean_power))
    octaves = np.log2(np.maximum(hz, 1.0) / _TILT_CENTRE_HZ)
    share = 1 / (1 + np.exp(-octaves / _TILT_OCTAVES))
    gains: NDArray[np.float64] = 10 ** (tilt_db[:, None] * share / 10)
    gains *= (mean_power.sum() / (gains @ mean_power))[:, None]
    return gains


def _spectra(samples: Samples, hop: int) -> NDArray[np.complex128]:
    """Return the spectrum around every `hop`-th sample, with room for a filter to ring."""
    window = hop * _OVERLAP
    padded = np.pad(samples.astype(np.float64), (window // 2, window))
    hann = np.hanning(window + 1)[:-1] * 2 / _OVERLAP
    return np.fft.rfft(sliding_window_view(padded, window)[::hop] * hann, n=2 * window)


def _overlapped(spectra: NDArray[np.complex128], hop: int) -> NDArray[np.float64]:
    """Add the windows up again; without a filter they give the samples that they were taken from."""
    window = hop * _OVERLAP
    pieces = np.fft.irfft(spectra, n=2 * window)
    rings = np.roll(pieces, window // 2, axis=1).reshape(len(pieces), 2 * _OVERLAP, hop)
    total = np.zeros((len(pieces) + 2 * _OVERLAP, hop))
    for part in range(2 * _OVERLAP):
        total[part : part + len(pieces)] += rings[:, part]
    return total.reshape(-1)[window:]
