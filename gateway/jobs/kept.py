"""All that jobs keep, wherever it lies: in the object store, or among the predictions."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

from gateway.jobs.results import OBJECTS, PREDICTIONS, Made
from gateway.speaker.predictions import Predictions
from gateway.speaker.recordings import recording_key
from gateway.stored import chunks_of
from shared.objects import ObjectStore
from shared.problems import NotFound


@dataclass(frozen=True, slots=True)
class Kept:
    """The places where that may be."""

    objects: ObjectStore
    predictions: Predictions

    def chunks(self, made: Made) -> AsyncGenerator[bytes, None]:
        """Yield what a job made, in pieces. Raises NotFound, Unavailable."""
        places = {OBJECTS: self._object, PREDICTIONS: self._prediction}
        return places[made.get("place", OBJECTS)](made["key"])

    def remove(self, job_id: str) -> None:
        """Remove all that is kept of a job; blocks. Raises Unavailable."""
        self.objects.delete_all(f"jobs/{job_id}/")
        self.remove_recording(job_id)

    def remove_all_but(self, results: list[Made], job_id: str) -> None:
        """Remove the objects of a job that are not among its results; blocks. Raises Unavailable."""
        keys = {made["key"] for made in results}
        for key in [found.key for found in self.objects.list(f"jobs/{job_id}/")]:
            if key not in keys:
                self.objects.delete(key)

    def remove_recording(self, job_id: str) -> None:
        """Remove a job's recording from where it was put for others, and what became of it; blocks."""
        self.objects.delete(recording_key(job_id))  # first: whoever is predicting it then keeps no outcome
        self.predictions.delete(recording_key(job_id))

    def expire(self, before: datetime) -> None:
        """Remove what became of recordings that no job knows of, if it is older; blocks."""
        self.predictions.expire(before)

    def _object(self, key: str) -> AsyncGenerator[bytes, None]:
        return chunks_of(self.objects, key)

    async def _prediction(self, key: str) -> AsyncGenerator[bytes, None]:
        outcome = await asyncio.to_thread(self.predictions.get, key)
        if outcome is None or outcome.prediction is None:
            raise NotFound("The prediction is gone.")
        yield outcome.answer
