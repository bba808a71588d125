"""Sound as the product holds it: one channel of float32 samples and their rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """Mono sound: `samples` is float32 of shape (n,), within [-1, 1] when it was decoded."""

    samples: Samples
    sample_rate_hz: int

    @property
    def seconds(self) -> float:
        """Return the length in seconds."""
        return len(self.samples) / self.sample_rate_hz
