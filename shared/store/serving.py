"""Serve the version in use of a model, and change to a new one without dropping a request."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from shared.background import ended
from shared.problems import Unavailable
from shared.store.store import LocalModel, ModelStore

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LONGEST_PAUSE_POLLS = 32


def _nothing(_: object) -> None:
    """Do nothing: for engines that need no closing or no warming up."""


@dataclass
class _Holding(Generic[T]):
    """An opened engine and how many hold on to it: each lease, and `Served` itself while it is the current one."""

    model: LocalModel
    engine: T
    holders: int = 1


@dataclass(frozen=True)
class _Postponed:
    """A version that failed, how often, and when it may be tried again (a bad model costs its whole download)."""

    version: str = ""
    failures: int = 0
    until_seconds: float = 0


class Served(Generic[T]):
    """Holds the opened engine of a model's version in use.

    `start` opens it and begins to look at the store every `poll_seconds`. When the version in use has changed, the new
    one is fetched, verified, opened and warmed up on a thread of its own while the old one serves, and then takes its
    place. Requests in flight keep the engine they leased; it is closed, on that thread, when its last lease ends.
    A new version that fails is logged and counted in `failures`, the old one goes on serving, and the failed
    version is tried again after growing pauses. For a moment both versions are in memory.
    """

    def __init__(
        self,
        store: ModelStore,
        name: str,
        open_engine: Callable[[LocalModel], T],
        close: Callable[[T], None] = _nothing,
        poll_seconds: float = 30,
        *,
        warm_up: Callable[[T], None] = _nothing,
    ) -> None:
        self.name = name
        self.switches = 0
        self.failures = 0
        self._store = store
        self._open_engine, self._warm_up, self._close_engine = open_engine, warm_up, close
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._current: _Holding[T] | None = None
        self._stopped = False
        self._postponed = _Postponed()
        # One thread: engines of one model are opened and closed one after another.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"model-{name}")
        self._watcher: asyncio.Task[None] | None = None

    @property
    def version(self) -> str | None:
        """The version that new requests get, or None before the start and after the stop."""
        current = self._current
        return current.model.manifest.version if current else None

    async def start(self) -> None:
        """Open the version in use and begin to watch the store; raises what fetching or opening raises."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._worker, lambda: self._switch_to(self._store.version_in_use(self.name)))
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop watching, take no more leases, and close the engine (after its last lease, if requests use it)."""
        if self._watcher:
            await ended(self._watcher)
        with self._lock:
            self._stopped = True
            last, self._current = self._current, None
        if last:
            self._release(last)
        await asyncio.to_thread(self._worker.shutdown)

    @contextmanager
    def lease(self) -> Iterator[tuple[LocalModel, T]]:
        """Use the engine for one request, from any thread or task; raises Unavailable when there is none."""
        with self._lock:
            holding = self._current
            if holding is None:
                raise Unavailable(f"Model {self.name} is not ready.")
            holding.holders += 1
        try:
            yield holding.model, holding.engine
        finally:
            self._release(holding)

    async def refresh(self) -> bool:
        """Look at the store once and change to the version in use; return whether it changed. Never raises."""
        loop = asyncio.get_running_loop()
        look = loop.run_in_executor(self._worker, self._look)
        # A callback, since the look goes on when we are cancelled while we wait for it.
        look.add_done_callback(self._note_failure)
        await asyncio.wait([look])
        return look.exception() is None and look.result()

    def _note_failure(self, look: asyncio.Future[bool]) -> None:
        if error := look.exception():
            self.failures += 1
            _log.error("model not changed", extra={"model": self.name, "serving": self.version}, exc_info=error)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            await self.refresh()

    def _look(self) -> bool:
        version = self._store.version_in_use(self.name)
        if version == self.version or (
            version == self._postponed.version and monotonic() < self._postponed.until_seconds
        ):
            return False
        self._postpone(version)
        self._switch_to(version)
        self._postponed = _Postponed()
        self.switches += 1
        _log.info("model changed", extra={"model": self.name, "serving": version})
        return True

    def _postpone(self, version: str) -> None:
        """Until it has succeeded, a version counts as failed."""
        failures = self._postponed.failures + 1 if version == self._postponed.version else 1
        pause_seconds = self._poll_seconds * min(2 ** (failures - 1), _LONGEST_PAUSE_POLLS)
        self._postponed = _Postponed(version, failures, monotonic() + pause_seconds)

    def _switch_to(self, version: str) -> None:
        model = self._store.fetch(self.name, version)
        with ExitStack() as on_failure:
            engine = self._open_engine(model)
            on_failure.callback(self._close_engine, engine)
            self._warm_up(engine)
            on_failure.pop_all()
        self._install(_Holding(model, engine))

    def _install(self, new: _Holding[T]) -> None:
        """Give new leases `new`, unless we were stopped while it was opened."""
        with self._lock:
            unused = new if self._stopped else self._current
            if not self._stopped:
                self._current = new
        if unused:
            self._release(unused)

    def _release(self, holding: _Holding[T]) -> None:
        with self._lock:
            holding.holders -= 1
            is_last = holding.holders == 0
        if is_last:
            try:
                self._worker.submit(self._close_engine, holding.engine).add_done_callback(self._report_closing)
            except RuntimeError:  # the worker is shut down: a lease outlived stop()
                self._close_engine(holding.engine)

    def _report_closing(self, closing: Future[None]) -> None:
        if error := closing.exception():
            _log.error("model not closed", extra={"model": self.name}, exc_info=error)
