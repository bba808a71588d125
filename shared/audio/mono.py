"""Samples as files hold them, to mono sound."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.audio.sound import Samples
from shared.problems import UnsupportedMedia

SAMPLE_FORMATS: Final[dict[str, tuple[type[np.number], float, float]]] = {
    # libav's name of a packed sample format: dtype, zero, full scale
    "u8": (np.uint8, 128.0, 128.0),
    "s16": (np.int16, 0.0, 2.0**15),
    "s32": (np.int32, 0.0, 2.0**31),
    "s64": (np.int64, 0.0, 2.0**63),
    "flt": (np.float32, 0.0, 1.0),
    "dbl": (np.float64, 0.0, 1.0),
}


def mono(planes: NDArray[np.number], sample_format: str) -> Samples:
    """Return the mean of the channels, (channels, n) to float32 (n,); what is beyond full scale is clipped to [-1, 1].

    Raises UnsupportedMedia for samples that are not finite.
    """
    _, zero, full_scale = SAMPLE_FORMATS[sample_format]
    if not np.isfinite(planes).all():
        raise UnsupportedMedia("The audio holds samples that are not finite numbers.")
    bounded = np.clip(planes, -1, 1) if full_scale == 1.0 else planes
    mean: Samples = (bounded.astype(np.float32).mean(axis=0) - np.float32(zero)) / np.float32(full_scale)
    return mean
