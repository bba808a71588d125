"""What is done for the recordings that S3 tells of: each is sent to the speaker service, and the outcome is kept."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import aiohttp

from gateway.jobs.running import may_pass
from gateway.jobs.serialise import problem_body
from gateway.speaker.predictions import Outcome, Predictions
from gateway.speaker.recordings import FOLDER
from gateway.speaker.service import predicted
from gateway.upstream import Relayed, Service
from jobs.s3_events import created_objects
from jobs.settings import SpeakerWorkerSettings
from jobs.sqs import Message
from shared.objects import ObjectStore
from shared.objects.location import s3_place
from shared.problems import InvalidInput, NotFound, Problem

_log = logging.getLogger("timbre.jobs")


class Recording(NamedTuple):
    """One version of a recording, by its key in the data bucket."""

    key: str
    etag: str


@dataclass(frozen=True, slots=True)
class Recordings:
    """Does messages. Doing one again changes nothing."""

    settings: SpeakerWorkerSettings
    session: aiohttp.ClientSession
    objects: ObjectStore
    predictions: Predictions

    async def work(self, message: Message, is_last: bool) -> None:
        """See that there is an outcome for each recording that the message tells of.

        A recording that is none, or too long, has that problem as its outcome. What may pass is raised, as is any
        error of ours; where the message comes for the last time it is the outcome too, so that nobody waits for ever.
        """
        for recording in self._ours(message.body):
            if not await asyncio.to_thread(self._is_done, recording):
                await self._predict(recording, message.id, is_last=is_last)

    def _ours(self, body: str) -> Iterator[Recording]:
        bucket, prefix = s3_place(self.settings.data)
        below = f"{prefix}/" if prefix else ""
        for found in created_objects(body):
            is_folder = found.key.endswith("/")  # as consoles make them
            if found.bucket == bucket and found.key.startswith(below + FOLDER) and not is_folder:
                yield Recording(found.key.removeprefix(below), found.etag)

    def _is_done(self, recording: Recording) -> bool:
        """Tell whether nothing is left to do: it is predicted, or gone, or another version is there, told of too."""
        known = self.predictions.get(recording.key)
        if known and known.etag == recording.etag and known.prediction:
            return True
        try:
            found = self.objects.find(recording.key)
        except InvalidInput:  # a key that we do not read, which is to be the outcome
            return False
        return found is None or found.etag != recording.etag

    async def _predict(self, recording: Recording, message_id: str, *, is_last: bool) -> None:
        speaker = Service("speaker", self.settings.speaker_url, self.session, {"X-Request-Id": message_id})
        try:
            answer = await predicted(speaker, self.objects, recording.key, self.settings.max_body_bytes)
        except NotFound:  # it went away just now
            return
        except Exception as error:  # the last one is written down whatever it is, as somebody waits for it
            is_answer = isinstance(error, Problem | Relayed) and error.status < 500 and not may_pass(error)
            if is_answer or is_last:
                await self._keep(recording, Outcome(recording.etag, problem=problem_body(error)))
            if not is_answer:
                raise
        else:
            await self._keep(recording, Outcome(recording.etag, prediction=answer))

    async def _keep(self, recording: Recording, outcome: Outcome) -> None:
        if not await asyncio.to_thread(self._is_done, recording):  # nobody may have wished it gone meanwhile
            await asyncio.to_thread(self.predictions.put, recording.key, outcome)
            _log.info("a recording is %s", "predicted" if outcome.prediction else "refused")
