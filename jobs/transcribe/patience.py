"""How long the engine may work on a recording: the longer, the more sound it has got. Else it counts as hung."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the engine is with one version of a recording."""

    etag: str
    heard_seconds: float | None
    """Sound that it has got so far; None: it has ended."""


@dataclass(frozen=True, slots=True)
class Late:
    """A version of a recording that takes too long, and the words for it."""

    etag: str
    why: str


@dataclass(frozen=True, slots=True)
class Patience:
    """What any recording may take, and how much more for each second of its sound."""

    work_seconds: float
    seconds_per_second: float

    @property
    def why(self) -> str:
        """What there is to say of a recording that takes longer."""
        most = f"{self.work_seconds:g} seconds, and {self.seconds_per_second:g} more for each second of its sound"
        return f"Writing down one recording may take at most {most}."


class AwakeClock:
    """Stands still while the process that reads it is stopped: between two readings at most so many seconds go by."""

    def __init__(self, most_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_seconds = most_seconds
        self._clock = clock
        self._read_seconds = clock()
        self._awake_seconds = 0.0

    def read(self) -> float:
        """Return the time since it was made."""
        now = self._clock()
        self._awake_seconds += min(now - self._read_seconds, self._most_seconds)
        self._read_seconds = now
        return self._awake_seconds


class Stopwatch:
    """Times one process's engine over the recording that it is at."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._began_seconds: float | None = None
        self._due_seconds = 0.0
        self._etag = ""

    def hear(self, progress: Progress, now_seconds: float) -> None:
        """Take notice of how far the engine is."""
        if progress.heard_seconds is None:
            self._began_seconds = None
            return
        if self._began_seconds is None:
            self._began_seconds = now_seconds
        more_seconds = self._patience.seconds_per_second * progress.heard_seconds
        self._due_seconds = self._began_seconds + self._patience.work_seconds + more_seconds
        self._etag = progress.etag

    def late(self, now_seconds: float) -> Late | None:
        """Return what takes too long, if anything does."""
        if self._began_seconds is None or now_seconds <= self._due_seconds:
            return None
        return Late(self._etag, self._patience.why)
