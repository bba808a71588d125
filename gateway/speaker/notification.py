"""How the speaker service learns of a recording that a job has: the job asks it, or S3 tells a queue."""

import asyncio
import time
from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from gateway.speaker.predictions import Outcome, Predictions
from gateway.speaker.service import predicted
from gateway.upstream import Service
from shared.objects import ObjectStore
from shared.problems import AlreadyExists, TimedOut

_LOOK_SECONDS = 0.5


class Notification(Protocol):
    """One way."""

    @abstractmethod
    async def outcome(self, key: str, source: str) -> Outcome:
        """Return what became of the recording `key`, whose sound is stored under `source`; it is kept by then.

        After a crash it may be asked for again. Raises what may pass, and NotFound where the sound is gone.
        """


@dataclass(frozen=True, slots=True)
class Asking(Notification):
    """The job asks the service itself: the queue of jobs is all the notification there is."""

    objects: ObjectStore
    predictions: Predictions
    speaker: Service
    most_bytes: int

    async def outcome(self, key: str, source: str) -> Outcome:
        """Ask, and keep the answer. Raises the service's problems too."""
        version = await asyncio.to_thread(self.objects.head, source)
        answer = await predicted(self.speaker, self.objects, source, self.most_bytes)
        outcome = Outcome(version.etag, answer)
        await asyncio.to_thread(self.predictions.put, key, outcome)
        return await asyncio.to_thread(self.predictions.get, key) or outcome


@dataclass(frozen=True, slots=True)
class Queueing(Notification):
    """The recording is put where S3 tells a queue of it (`jobs.speaker_worker`), whose worker keeps the outcome."""

    objects: ObjectStore
    predictions: Predictions
    patience_seconds: float

    async def outcome(self, key: str, source: str) -> Outcome:
        """Put the recording there, and wait. A failure is the worker's last word, or that it took too long."""
        await asyncio.to_thread(self._put, key, source)
        end = time.monotonic() + self.patience_seconds
        while time.monotonic() < end:
            if outcome := await asyncio.to_thread(self.predictions.get, key):
                return outcome
            await asyncio.sleep(_LOOK_SECONDS)
        problem = TimedOut(f"Nobody predicted the recording within {self.patience_seconds:g} seconds.")
        return Outcome("", problem=problem.body())

    def _put(self, key: str, source: str) -> None:
        with suppress(AlreadyExists):  # and S3 has told of it
            self.objects.put(key, self.objects.get(source), if_absent=True)
