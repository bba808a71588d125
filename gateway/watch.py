"""Whether the services behind the gateway are ready, asked again and again, so that /health/ready costs nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.upstream import Relayed, Service
from shared.background import during
from shared.health import Health
from shared.problems import Problem


@asynccontextmanager
async def watched(services: Sequence[Service], health: Health, every_seconds: float) -> AsyncIterator[None]:
    """Keep `health` true about the services while the block lasts."""
    for service in services:
        health.wait_for(service.name, "not asked yet")
    async with during(*(_watch(service, health, every_seconds) for service in services)):
        yield


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
