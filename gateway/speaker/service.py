"""The call to the speaker service."""

import asyncio
from typing import Any

import orjson

from gateway.upstream import Service
from shared.objects import ObjectStore


async def predicted(speaker: Service, objects: ObjectStore, key: str, most_bytes: int) -> dict[str, Any]:
    """Return what the service says of a stored recording. Raises NotFound, TooLarge, and as `Service.upload`."""
    recording = await asyncio.to_thread(objects.get, key, limit_bytes=most_bytes)
    answer = await speaker.upload("/v1/audio/speaker", recording)
    prediction: dict[str, Any] = orjson.loads(answer.body)
    return prediction
