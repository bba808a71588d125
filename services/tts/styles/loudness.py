"""One loudness for the neutral speech of all voices, and no peak above -1 dBFS."""

import numpy as np

from services.tts.speech import Samples, Speech

NEUTRAL_DB = -24.0
"""RMS of active speech in dB of full scale; leaves room for anger, which is 8 dB louder and has peaks above."""
CEILING = 10 ** (-1 / 20)
_KNEE = 0.6 * CEILING
_FRAME_SECONDS = 0.02
_ACTIVE_BELOW_PEAK_DB = 25.0
_MOST_GAIN_DB = 30.0


def active_level_db(samples: Samples, sample_rate_hz: int) -> float:
    """Return the RMS, in dB of full scale, of the frames within 25 dB of the loudest; pauses do not count."""
    size = round(_FRAME_SECONDS * sample_rate_hz)
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    active = power[power > power.max(initial=0.0) * 10 ** (-_ACTIVE_BELOW_PEAK_DB / 10)]
    return float(10 * np.log10(active.mean())) if active.size else -np.inf


def levelled(speech: Speech) -> Speech:
    """Bring a sentence, as the engine spoke it, to NEUTRAL_DB. Silence stays silence."""
    level_db = active_level_db(speech.samples, speech.sample_rate_hz)
    gain_db = min(NEUTRAL_DB - level_db, _MOST_GAIN_DB) if np.isfinite(level_db) else 0.0
    return speech.sounding(speech.samples * np.float32(10 ** (gain_db / 20)))


def limited(samples: Samples) -> Samples:
    """Bend peaks smoothly under -1 dBFS; what stays below -5.4 dBFS is not touched."""
    (loud,) = np.nonzero(np.abs(samples) > _KNEE)
    if not loud.size:
        return samples
    result = samples.copy()
    above = (np.abs(samples[loud]) - _KNEE) / (CEILING - _KNEE)
    result[loud] = np.sign(samples[loud]) * (_KNEE + (CEILING - _KNEE) * np.tanh(above))
    return result
