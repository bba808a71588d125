"""Change of sample rate, in one go or as a stream without clicks at the joins (libsoxr, high quality)."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np
import soxr

from shared.audio.sound import Samples, Sound
from shared.problems import UnsupportedMedia

_EMPTY: Samples = np.zeros(0, np.float32)


class Resampler:
    """A stream from one rate to another; what was fed so far shapes what comes out next."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, "float32", "HQ")

    def feed(self, samples: Samples) -> Samples:
        """Take float32 (n,) and return what is ready, float32 (m,); m may be 0."""
        return self._push(samples, last=False)

    def finish(self) -> Samples:
        """Return the rest; the total is the input's length times the ratio, rounded."""
        return self._push(_EMPTY, last=True)

    def _push(self, samples: Samples, *, last: bool) -> Samples:
        if self._stream is None:
            return samples
        resampled: Samples = self._stream.resample_chunk(np.ascontiguousarray(samples), last=last)
        return resampled


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Return float32 (n,) at `from_hz` as float32 (round(n * to_hz / from_hz),) at `to_hz`."""
    resampler = Resampler(from_hz, to_hz)
    return np.concatenate([resampler.feed(samples), resampler.finish()]) if from_hz != to_hz else samples


def at_rate(blocks: Iterable[Sound], sample_rate_hz: int | None) -> Iterator[Sound]:
    """Yield a decoded file's blocks, whose rate may change on the way, at one rate (default: that of the first).

    Raises UnsupportedMedia when there are none.
    """
    rate_hz = sample_rate_hz
    native_hz = 0
    for native_hz, same in groupby(blocks, lambda block: block.sample_rate_hz):
        rate_hz = rate_hz or native_hz
        resampler = Resampler(native_hz, rate_hz)
        for block in same:
            yield Sound(resampler.feed(block.samples), rate_hz)
        if native_hz != rate_hz:
            yield Sound(resampler.finish(), rate_hz)
    if not native_hz:
        raise UnsupportedMedia("The file holds no audio that can be decoded.")
