"""A recording as WORLD sees it, and as the network learns it.

Envelope by CheapTrick, aperiodicity by D4C, both coded on the mel scale as the authors' own coder does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.tts.speech import Samples, Speech
from services.tts.styles.loudness import levelled
from services.tts.styles.world import decoded_sound, f0_of, pyworld

HOP_SECONDS = 0.01
SPECTRUM_SIZE = 60
F0_SEARCH_HZ = (60.0, 500.0)
_EDGE_SECONDS, _EDGE_STEP_SECONDS = 0.12, 0.02
_EDGE_BELOW_PEAK_DB = 40.0

Curve = NDArray[np.float32]


class Frames(NamedTuple):
    """A frame each HOP_SECONDS."""

    f0_hz: Curve
    """(n,), 0 where unvoiced."""
    spectrum: Curve
    """(n, SPECTRUM_SIZE), coded envelope."""
    aperiodicity: Curve
    """(n, bands), coded."""


def analysed(samples: Samples, sample_rate_hz: int) -> Frames:
    """Return the frames of one recording, at the loudness that the service gives neutral speech.

    Costs about 0.03 s a second of sound.
    """
    level = levelled(Speech(trimmed(samples, sample_rate_hz), sample_rate_hz, ())).samples
    x = level.astype(np.float64)
    f0, times = f0_of(x, sample_rate_hz, F0_SEARCH_HZ, HOP_SECONDS)
    envelope = pyworld.cheaptrick(x, f0, times, sample_rate_hz)
    noise = pyworld.d4c(x, f0, times, sample_rate_hz)
    return Frames(
        f0.astype(np.float32),
        pyworld.code_spectral_envelope(envelope, sample_rate_hz, SPECTRUM_SIZE).astype(np.float32),
        pyworld.code_aperiodicity(noise, sample_rate_hz).astype(np.float32),
    )


def trimmed(samples: Samples, sample_rate_hz: int) -> Samples:
    """Leave at most 0.12 s before and after what is less than 40 dB below the loudest."""
    size = round(_EDGE_STEP_SECONDS * sample_rate_hz)
    steps = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.mean(np.square(steps, dtype=np.float64), axis=1)
    (loud,) = np.nonzero(power > power.max(initial=0.0) * 10 ** (-_EDGE_BELOW_PEAK_DB / 10))
    if not loud.size:
        return samples
    edge = round(_EDGE_SECONDS * sample_rate_hz)
    return samples[max(loud[0] * size - edge, 0) : (loud[-1] + 1) * size + edge]


def is_voiced(f0_hz: Curve) -> NDArray[np.bool_]:
    """Return where there is an F0, (n,)."""
    return f0_hz > 0


def log_f0(f0_hz: Curve) -> Curve:
    """Return the logarithm of F0, drawn through what is unvoiced so that it has no jumps; all 0 for a whisper."""
    (voiced,) = np.nonzero(f0_hz)
    if not voiced.size:
        return np.zeros_like(f0_hz)
    return np.interp(np.arange(len(f0_hz)), voiced, np.log(f0_hz[voiced])).astype(np.float32)


def sounded(frames: Frames, sample_rate_hz: int) -> Samples:
    """Return the sound that frames describe, (n,)."""
    f0, spectrum, noise = (np.ascontiguousarray(part, np.float64) for part in frames)
    sound = decoded_sound(f0, spectrum, noise, sample_rate_hz, HOP_SECONDS)
    samples: Samples = np.clip(sound, -1, 1).astype(np.float32)
    return samples
