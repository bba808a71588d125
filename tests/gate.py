"""A gate in front of a fake engine, for tests of what happens while an engine works."""

import asyncio
import threading


class Gate:
    """Holds whoever passes through until it is opened; counts what they brought, and how many were inside at most."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0
        self.brought = 0

    def pass_through(self, brought: int = 1) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
            self.brought += brought
        assert self._open.wait(100)
        with self._lock:
            self._inside -= 1

    def open(self) -> None:
        self._open.set()

    async def entered(self, count: int = 1) -> None:
        """Wait until so many are inside."""
        async with asyncio.timeout(100):
            while self._inside < count:
                await asyncio.sleep(0.01)
