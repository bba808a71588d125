"""What the worker gives to the work of every kind of job."""

from dataclasses import dataclass

import aiohttp

from gateway.cached import Cached
from gateway.jobs.running import Running
from gateway.jobs.settings import WorkerSettings
from gateway.planning import Planner, planner_of
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
        voices = await self.voices.get(lambda: fetch_voices(self.speech(job), self.settings.default_voice))
        return planner_of(self.settings, self.session, _headers(job), voices)


def _headers(job: Running) -> dict[str, str]:
    return {"X-Request-Id": job.id, "X-Timbre-Key": job.caller}
