"""Long-lived child processes that keep a C library out of the service: what it does wrong ends the child only."""

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from shared.child_process import ENVIRONMENT, FOLDER, HEADER, command_of
from shared.problems import EngineFailed, TimedOut, Unavailable

_MAX_FRAME_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request to a child may use before the child is ended."""

    seconds: float = 20.0
    cpu_seconds: int = 20
    memory_bytes: int = 512 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """A child's answer: its JSON and raw bytes."""

    head: dict[str, Any]
    payload: bytes


class Child:
    """One process. After any error it is good for nothing but `kill`."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise EngineFailed("The engine's process has no pipes.")
        self.process, self._stdin, self._stdout = process, process.stdin, process.stdout

    @classmethod
    async def spawn(cls, module: str, limits: Limits) -> "Child":
        """Start `python -m module` in a session of its own, with an empty environment. Raises Unavailable."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command_of(module, limits.memory_bytes, limits.cpu_seconds),
                cwd=FOLDER,
                env=ENVIRONMENT,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,  # libraries quote the text there
                start_new_session=True,
            )
        except OSError as error:  # no files, processes or memory left
            raise Unavailable("No process can be started for the engine.") from error
        return cls(process)

    @property
    def alive(self) -> bool:
        """Whether the process still runs, as far as is known."""
        return self.process.returncode is None

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Send one request and wait for its answer. Raises IncompleteReadError, OSError or ValueError if it died."""
        body = json.dumps(request).encode()
        self._stdin.write(HEADER.pack(len(body), 0) + body)
        await self._stdin.drain()
        json_bytes, payload_bytes = HEADER.unpack(await self._stdout.readexactly(HEADER.size))
        if json_bytes + payload_bytes > _MAX_FRAME_BYTES:
            raise ValueError("a child's answer is too large")
        head = json.loads(await self._stdout.readexactly(json_bytes))
        return Reply(head, await self._stdout.readexactly(payload_bytes))

    def kill(self) -> None:
        """End the process and all that it started, now. `wait` collects it."""
        if not self.alive:  # its number may be another's by now
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def wait(self) -> None:
        """Wait until the process is gone and nothing of it is left."""
        self._stdin.close()
        await self.process.wait()
        with contextlib.suppress(OSError):
            await self._stdin.wait_closed()


class ChildPool:
    """At most `size` children of one module, started when needed, replaced when they fail."""

    def __init__(self, module: str, size: int, limits: Limits | None = None) -> None:
        self._module, self._limits = module, limits or Limits()
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Child] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Ask an idle child. Raises TimedOut or EngineFailed; on those and on cancellation the child is ended.

        Raises Unavailable where none can be started.
        """
        try:
            async with self._child() as child, asyncio.timeout(self._limits.seconds):
                return await child.ask(request)
        except TimeoutError as error:
            raise TimedOut(f"The engine took longer than {self._limits.seconds:g} s for one sentence.") from error
        except (asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise EngineFailed("The engine ended in the middle of its work.") from error

    async def close(self) -> None:
        """End all idle children and wait for those that are ending."""
        self._closed = True
        while self._idle:
            self._end(self._idle.pop())
        await asyncio.gather(*self._ending)

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncIterator[Child]:
        async with self._slots:
            child = await self._take()
            try:
                yield child
            except BaseException:  # also when the caller left: the child must not go on
                self._end(child)
                raise
            if self._closed:
                self._end(child)
            else:
                self._idle.append(child)

    async def _take(self) -> Child:
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
            self._end(child)
        return await Child.spawn(self._module, self._limits)

    def _end(self, child: Child) -> None:
        child.kill()
        task = asyncio.create_task(child.wait())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
