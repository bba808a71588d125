"""Whose voice it is, as a speaker encoder hears it: Resemblyzer (Apache-2.0), whose weights lie in its package."""

import warnings
from collections.abc import Sequence

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # webrtcvad asks pkg_resources for its version
    from resemblyzer import VoiceEncoder, preprocess_wav

from shared.audio.sound import Samples

RATE_HZ = 16_000


def similarities(spoken: Sequence[Samples], real: Sequence[Samples]) -> tuple[float, float] | None:
    """Return the mean cosines between spoken sentences and recordings of others, and among recordings.

    Both are at `RATE_HZ`, and those of the same index say the same, which is left out of both means: the same words
    sound alike in any voice. None where there are not two.
    """
    if len(real) < 2:
        return None
    encoder = VoiceEncoder("cpu", verbose=False)
    heard, known = (np.stack([_embedded(encoder, sound) for sound in sounds]) for sounds in (spoken, real))
    others = ~np.eye(len(known), dtype=bool)
    return float((heard @ known.T)[others].mean()), float((known @ known.T)[others].mean())


def _embedded(encoder: VoiceEncoder, sound: Samples) -> np.ndarray:
    trimmed = preprocess_wav(sound.astype(np.float32))
    # where it hears no speech at all, nothing is left
    return np.asarray(encoder.embed_utterance(trimmed if len(trimmed) else sound), np.float64)
