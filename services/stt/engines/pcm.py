"""Sound as engines written in C take it."""

import numpy as np

from shared.audio.sound import Samples

_FULL_SCALE = 32_768


def pcm16(samples: Samples) -> bytes:
    """Return samples as 16-bit integers; what was read from such is given back exactly."""
    return np.rint(samples * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16).tobytes()
