"""What the worker gives to the work of every kind of job."""

from dataclasses import dataclass

import aiohttp

from gateway.cached import Cached
from gateway.jobs.running import Running
from gateway.jobs.settings import WorkerSettings
from gateway.jobs.shares import Shares
from gateway.planning import Planner, planner_of
from gateway.speaker.notification import Asking, Notification, Queueing
from gateway.speaker.predictions import Predictions
from gateway.upstream import Service
from gateway.voices import Voices, fetch_voices
from shared.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Tools:
    """The services, the store of objects, where predictions are kept, and the other workers."""

    settings: WorkerSettings
    session: aiohttp.ClientSession
    objects: ObjectStore
    predictions: Predictions
    voices: Cached[Voices]
    shares: Shares

    def speech(self, job: Running) -> Service:
        """Return the TTS service, as called for this job."""
        return Service("speech", self.settings.tts_url, self.session, _headers(job))

    def stt(self, job: Running) -> Service:
        """Return the speech-to-text service, which answers when it has written all of a recording down."""
        patient = aiohttp.ClientTimeout(
            connect=self.settings.connect_seconds, sock_read=self.settings.transcription_seconds
        )
        return Service("stt", self.settings.stt_url, self.session, _headers(job), patient)

    def sentiment(self, job: Running) -> Service:
        """Return the sentiment service, as called for this job."""
        return Service("sentiment", self.settings.sentiment_url, self.session, _headers(job))

    async def planner(self, job: Running) -> Planner:
        """Return a planner for this job. Raises what `fetch_voices` raises."""
        voices = await self.voices.get(lambda: fetch_voices(self.speech(job), self.settings.default_voice))
        return planner_of(self.settings, self.session, _headers(job), voices)

    def notification(self, job: Running) -> Notification:
        """Return how the speaker service learns of this job's recording."""
        if self.settings.speaker_queue:
            return Queueing(self.objects, self.predictions, self.settings.speaker_queue_seconds)
        speaker = Service("speaker", self.settings.speaker_url, self.session, _headers(job))
        return Asking(self.objects, self.predictions, speaker, self.settings.max_body_bytes)


def _headers(job: Running) -> dict[str, str]:
    return {"X-Request-Id": job.id, "X-Timbre-Key": job.caller}
