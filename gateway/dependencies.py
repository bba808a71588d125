"""What the routes are given: the services behind the gateway, a planner, the models."""

from typing import Annotated, TypedDict

import aiohttp
from fastapi import Depends, Request

from gateway.cached import Cached
from gateway.files.uploads import Uploads
from gateway.jobs.book import JobBook
from gateway.jobs.kept import Kept
from gateway.key_store import KeyStore
from gateway.planning import Planner, planner_of
from gateway.schemas import Model
from gateway.settings import GatewaySettings
from gateway.upstream import Relayed, Service
from gateway.voices import Voices, fetch_voices
from shared.lexicons import Lexicons
from shared.logs import request_id
from shared.objects import ObjectStore
from shared.problems import TimedOut, Unavailable
from shared.state import from_state
from shared.store import ModelStore


class State(TypedDict):
    """What requests reach through `request.state`."""

    settings: GatewaySettings
    keys: KeyStore
    session: aiohttp.ClientSession
    store: ModelStore
    voices: Cached[Voices]
    models: Cached[list[Model]]
    jobs: JobBook
    objects: ObjectStore
    kept: Kept
    uploads: Uploads
    lexicons: Lexicons


SettingsDependency = Annotated[GatewaySettings, Depends(from_state("settings"))]
SessionDependency = Annotated[aiohttp.ClientSession, Depends(from_state("session"))]
StoreDependency = Annotated[ModelStore, Depends(from_state("store"))]
ModelCacheDependency = Annotated[Cached[list[Model]], Depends(from_state("models"))]
ObjectsDependency = Annotated[ObjectStore, Depends(from_state("objects"))]


async def passed_on(request: Request) -> dict[str, str]:
    """Return the headers that go with every call to a service: whose request this is, and which."""
    headers = {"X-Request-Id": request_id.get()}
    key_id = request.headers.get("x-timbre-key")
    return headers | ({"X-Timbre-Key": key_id} if key_id else {})


HeadersDependency = Annotated[dict[str, str], Depends(passed_on)]


async def tts_service(settings: SettingsDependency, session: SessionDependency, headers: HeadersDependency) -> Service:
    """Return the TTS service, as called for this request."""
    return Service("speech", settings.tts_url, session, headers)


TTSDependency = Annotated[Service, Depends(tts_service)]


async def stt_service(
    settings: SettingsDependency, session: SessionDependency, headers: HeadersDependency
) -> Service | None:
    """Return the speech-to-text service, as called for this request, where there is one."""
    return Service("stt", settings.stt_url, session, headers) if settings.stt_url else None


STTDependency = Annotated[Service | None, Depends(stt_service)]


async def known_voices(request: Request, settings: SettingsDependency, tts: TTSDependency) -> Voices:
    """Return the voices there are. Raises what `fetch_voices` raises."""
    cached: Cached[Voices] = request.state.voices
    return await cached.get(lambda: fetch_voices(tts, settings.default_voice))


async def voices_if_up(request: Request, settings: SettingsDependency, tts: TTSDependency) -> Voices:
    """Return the voices there are just now: none while the TTS service is down."""
    try:
        return await known_voices(request, settings, tts)
    except (Relayed, Unavailable, TimedOut):
        return Voices((), settings.default_voice)


VoicesIfUpDependency = Annotated[Voices, Depends(voices_if_up)]
VoicesDependency = Annotated[Voices, Depends(known_voices)]


async def make_planner(
    settings: SettingsDependency, session: SessionDependency, headers: HeadersDependency, voices: VoicesDependency
) -> Planner:
    """Return a planner for this request."""
    return planner_of(settings, session, headers, voices)


PlannerDependency = Annotated[Planner, Depends(make_planner)]
