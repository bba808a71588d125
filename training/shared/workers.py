"""Processes that share a long list of work, a few batches at a time, so that nothing piles up."""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")
Result = TypeVar("Result")

_BATCHES_WAITING = 4
"""For each process: enough that none waits for work while another takes long."""


def cores() -> int:
    """Return how many this process may use."""
    return len(os.sched_getaffinity(0))


def shown(title: str, results: Iterable[Result], count: int) -> Iterator[Result]:
    """Yield so many results, and show on a terminal how far it is."""
    hidden = not sys.stderr.isatty()
    return iter(track(results, title, count, console=Console(stderr=True), disable=hidden))


class Workers:
    """So many processes; with one, the work is done in this one."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.processes > 1:
            # each process works on its own core: numpy's threads would fight for them
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            self._pool = ProcessPoolExecutor(self.processes, get_context("spawn"), _leave_interrupts_to_parent)
            self._pool.submit(os.getpid)  # starts them now, while the work is still being listed
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def map(
        self, title: str, work: Callable[[Sequence[Item]], Result], items: Sequence[Item], batch: int
    ) -> Iterator[Result]:
        """Yield work(batch of items) in their order, and show on a terminal how far it is.

        `work` is a function of a module, or a partial of one; what it raises is raised here.
        """
        starts = range(0, len(items), batch)
        batches = (items[start : start + batch] for start in starts)
        results = self._pooled(self._pool, work, batches) if self._pool else map(work, batches)
        return shown(title, results, len(starts))

    def _pooled(
        self, pool: ProcessPoolExecutor, work: Callable[[Sequence[Item]], Result], batches: Iterable[Sequence[Item]]
    ) -> Iterator[Result]:
        waiting: deque[Future[Result]] = deque()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > _BATCHES_WAITING * self.processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
