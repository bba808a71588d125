"""Ready when the services are."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def status_becomes(gateway: httpx.AsyncClient, status: int) -> str:
    async with asyncio.timeout(5):
        while (answer := await gateway.get("/health/ready")).status_code != status:
            await asyncio.sleep(0)
    return answer.text


async def test_ready_follows_the_services(gateway: httpx.AsyncClient, speech) -> None:
    await status_becomes(gateway, 200)
    speech.is_ready = False
    assert "speech: not ready" in await status_becomes(gateway, 503)
    assert (await gateway.get("/health/live")).status_code == 200
    speech.is_ready = True
    await status_becomes(gateway, 200)


async def test_a_service_that_cannot_be_reached(
    gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]],
) -> None:
    for name in ("sentiment", "keywords", "stt", "speaker"):
        async with gateway_with(**{f"{name}_url": "http://127.0.0.1:1"}) as gateway, asyncio.timeout(5):
            while f"{name}: cannot be reached" not in (await gateway.get("/health/ready")).text:
                await asyncio.sleep(0)
