"""What the worker gives to the work of every kind of job."""

from dataclasses import dataclass

import aiohttp

from gateway.cached import Cached
from gateway.jobs.running import Running
from gateway.jobs.settings import WorkerSettings
from gateway.planning import Planner
from gateway.tagger import Tagger
from gateway.upstream import Service
from gateway.voices import Voices, fetch_voices
from shared.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Tools:
    """The services and the store of objects."""

    settings: WorkerSettings
    session: aiohttp.ClientSession
    objects: ObjectStore
    voices: Cached[Voices]

    def speech(self, job: Running) -> Service:
        """Return the TTS service, as called for this job."""
        return Service("speech", self.settings.tts_url, self.session, _headers(job))

    async def planner(self, job: Running) -> Planner:
        """Return a planner for this job. Raises what `fetch_voices` raises."""
        settings = self.settings
        sentiment = Service("sentiment", settings.sentiment_url, self.session, _headers(job))
        voices = await self.voices.get(lambda: fetch_voices(self.speech(job), settings.default_voice))
        tagger = Tagger(sentiment, settings.sentiment_batch, settings.sentiment_calls)
        return Planner(voices, tagger, settings.max_characters)


def _headers(job: Running) -> dict[str, str]:
    return {"X-Request-Id": job.id, "X-Timbre-Key": job.caller}
