"""How many jobs may wait or run: over all callers, and of each."""

import asyncio
import time

from dbos import DBOSClient

from gateway.jobs.kinds import KINDS
from gateway.jobs.views import UNENDED
from shared.problems import Busy

_FRESH_SECONDS = 1.0
_SHARE = 20
"""Counting many jobs takes its time: it may take one part in so many of all."""


class Room:
    """Counts jobs that have not ended, once a second or less often; in between it counts what it let in."""

    def __init__(self, client: DBOSClient, most: int, most_per_caller: int) -> None:
        self._client = client
        self._most = most
        self._most_per_caller = most_per_caller
        self._stale_at = float("-inf")
        self._counts: dict[str | None, int] = {}
        self._counting = asyncio.Lock()

    async def require(self, caller: str) -> None:
        """Raise Busy if one more job of `caller` is too many."""
        async with self._counting:
            if time.monotonic() > self._stale_at:
                await self._count()
        if sum(self._counts.values()) >= self._most:
            raise Busy(f"{self._most} jobs wait or run already, which is the limit here.", retry_after_seconds=5)
        if self._counts.get(caller, 0) >= self._most_per_caller:
            limit = f"{self._most_per_caller} of your jobs wait or run already, which is the limit of one key."
            raise Busy(limit, retry_after_seconds=5)
        self._counts[caller] = self._counts.get(caller, 0) + 1

    async def _count(self) -> None:
        began = time.monotonic()
        found = await self._client.list_workflows_async(
            name=list(KINDS), status=UNENDED, load_input=False, load_output=False
        )
        self._counts = {}
        for status in found:
            self._counts[status.authenticated_user] = self._counts.get(status.authenticated_user, 0) + 1
        now = time.monotonic()
        self._stale_at = now + max(_FRESH_SECONDS, _SHARE * (now - began))
