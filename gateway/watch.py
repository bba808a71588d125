"""Whether the services behind the gateway are ready, asked again and again, so that /health/ready costs nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from gateway.upstream import Relayed, Service
from shared.health import Health
from shared.problems import Problem


@asynccontextmanager
async def watched(services: Sequence[Service], health: Health, every_seconds: float) -> AsyncIterator[None]:
    """Keep `health` true about the services while the block lasts."""
    for service in services:
        health.wait_for(service.name, "not asked yet")
    watches = [asyncio.create_task(_watch(service, health, every_seconds)) for service in services]
    try:
        yield
    finally:
        for watch in watches:
            watch.cancel()
        for watch in watches:
            with suppress(asyncio.CancelledError):
                await watch


async def _watch(service: Service, health: Health, every_seconds: float) -> None:
    while True:
        try:
            await service.get("/health/ready")
        except Relayed:
            health.wait_for(service.name, "not ready")
        except Problem:
            health.wait_for(service.name, "cannot be reached")
        else:
            health.clear(service.name)
        await asyncio.sleep(every_seconds)
