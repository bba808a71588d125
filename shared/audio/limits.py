"""How much audio one call may bring, and the meter and the clock that hold a decoder to it while it works."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shared.problems import TimedOut, TooLarge, UnsupportedMedia

_ROUNDING_SECONDS = 1e-6
"""More than the seconds of many blocks, added up, can be off."""


@dataclass(frozen=True)
class AudioLimits:
    """Limits on one piece of audio from a stranger; `max_samples` is summed over the channels."""

    max_bytes: int = 25 * 1024 * 1024
    max_seconds: float = 600.0
    max_samples: int = 60_000_000
    max_channels: int = 8
    min_sample_rate_hz: int = 4_000
    max_sample_rate_hz: int = 192_000
    max_work_seconds: float = 20.0

    def check_bytes(self, size_bytes: int) -> None:
        """Raise TooLarge when a file of this size is over the limit."""
        if size_bytes > self.max_bytes:
            raise TooLarge(f"The audio file may have at most {self.max_bytes} bytes.", limit=self.max_bytes)


class Meter:
    """Counts what a decoder gives and raises as soon as a limit is passed."""

    def __init__(self, limits: AudioLimits) -> None:
        self._limits = limits
        self._samples = 0
        self._seconds = 0.0

    def count(self, samples_per_channel: int, channels: int, sample_rate_hz: int) -> None:
        """Add one decoded block; raises TooLarge, or UnsupportedMedia for a rate out of range."""
        self._check_shape(channels, sample_rate_hz)
        self._samples += samples_per_channel * channels
        self._seconds += samples_per_channel / sample_rate_hz
        limits = self._limits
        if self._samples > limits.max_samples:
            detail = f"The audio may have at most {limits.max_samples} decoded samples, all channels together."
            raise TooLarge(detail, limit=limits.max_samples)
        if self._seconds > limits.max_seconds + _ROUNDING_SECONDS:
            raise TooLarge(f"The audio may last at most {limits.max_seconds:g} seconds.", limit=limits.max_seconds)

    def _check_shape(self, channels: int, sample_rate_hz: int) -> None:
        limits = self._limits
        if channels > limits.max_channels:
            raise TooLarge(f"The audio may have at most {limits.max_channels} channels.", limit=limits.max_channels)
        if not limits.min_sample_rate_hz <= sample_rate_hz <= limits.max_sample_rate_hz:
            allowed = f"{limits.min_sample_rate_hz} to {limits.max_sample_rate_hz} Hz"
            raise UnsupportedMedia(f"The sample rate must be {allowed}.")


class Clock:
    """Counts the time that decoding takes, and not what its caller does between the blocks."""

    def __init__(self, most_seconds: float) -> None:
        self._most_seconds = most_seconds
        self.left_seconds = most_seconds

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of the block."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.left_seconds -= time.monotonic() - start

    def check(self) -> None:
        """Raise TimedOut when no time is left."""
        if self.left_seconds <= 0:
            raise self.timed_out()

    def timed_out(self) -> TimedOut:
        """Return what there is to raise when no time is left."""
        return TimedOut(f"Decoding the audio took longer than {self._most_seconds:g} seconds.")
