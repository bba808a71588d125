"""The processes that do the work, and what happens when one of them dies."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Self

from jobs.transcribe.patience import AwakeClock, Late, Progress, Stopwatch
from jobs.transcribe.recordings import Outcome
from jobs.transcribe.turns import Turns
from jobs.transcribe.worker import Order, Ready, Task, Told, Unable, work
from shared.forking import fork_server
from shared.problems import Problem, StorageRefused, Unavailable

_MOST_DEATHS = 3
"""How often in a row a process may die before it is ready."""


@dataclass
class _Member:
    """One process; another of the same name follows it when it dies, and takes up its recording."""

    order: Order
    process: ForkServerProcess
    connection: Connection
    stopwatch: Stopwatch
    task: Task | None = None
    is_ready: bool = False

    @classmethod
    def started(cls, order: Order, task: Task | None = None) -> "_Member":
        context = fork_server(["jobs.transcribe.worker"])  # so that a successor is there at once
        ours, theirs = context.Pipe()
        # No daemon: what decodes a recording is a process of its own.
        process = context.Process(target=work, args=(theirs, order))
        try:
            process.start()
        except (OSError, EOFError) as error:
            raise Unavailable("No process can be started that does the work.") from error
        theirs.close()
        return cls(order, process, ours, Stopwatch(order.settings.patience), task)

    def send(self) -> None:
        """Have the task done; where the process is dead by now, the next one gets it."""
        try:
            self.connection.send(self.task)
        except OSError:
            return

    def heard(self) -> Told | None:
        """Return what it tells; None if it is dead."""
        try:
            told: Told = self.connection.recv()
        except (EOFError, OSError):
            return None
        return told

    def late(self, now_seconds: float) -> Late | None:
        """Return what it takes too long over; nothing where it has something to tell."""
        return None if self.connection.poll() else self.stopwatch.late(now_seconds)

    def end(self) -> None:
        """Kill it: nothing it does is harmed by that."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class Crew:
    """So many processes, each with a model of its own, for the block."""

    def __init__(self, order: Order, processes: int) -> None:
        self._order = order
        self._processes = processes
        self._members: list[_Member] = []
        self._deaths = 0

    def __enter__(self) -> Self:
        # Each process works on its own core: threads of libraries would fight for them.
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        names = (f"{self._order.owner}-{number}" for number in range(self._processes))
        self._members = [_Member.started(replace(self._order, owner=name)) for name in names]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Kill what is left of them."""
        while self._members:
            self._members.pop().end()

    @property
    def busy(self) -> dict[str, str]:
        """The recordings that are being done, and the names of the processes that do them."""
        return {member.task.key: member.order.owner for member in self._members if member.task}

    def outcomes(self, turns: Turns) -> Iterator[Outcome]:
        """Do all that there is, and yield what became of each. Raises a problem where nothing can be done."""
        clock = AwakeClock(2 * turns.pause_seconds)
        while True:
            for member in self._members:
                self._occupy(member, turns)
            if turns.is_over and not self.busy:
                return
            yield from self._heard(turns, clock)
            self._replace_late(clock.read())

    def _occupy(self, member: _Member, turns: Turns) -> None:
        if member.is_ready and member.task is None:
            member.task = turns.take()
            if member.task:
                member.send()

    def _heard(self, turns: Turns, clock: AwakeClock) -> Iterator[Outcome]:
        connections = {member.connection: number for number, member in enumerate(self._members)}
        for connection in wait(list(connections), timeout=turns.pause_seconds):
            member = self._members[connections[connection]]  # type: ignore[index]  # only connections were given
            told = member.heard()
            if told is None:
                self._members[connections[connection]] = self._successor(member)  # type: ignore[index]
            elif isinstance(told, Unable):
                self._members[connections[connection]] = self._follower(member, told.problem)  # type: ignore[index]
            elif isinstance(told, Ready):
                member.is_ready = True
                self._deaths = 0
                if member.task:
                    member.send()
            elif isinstance(told, Progress):
                member.stopwatch.hear(told, clock.read())
            else:
                member.task = None
                turns.ended(told)
                yield told

    def _replace_late(self, now_seconds: float) -> None:
        for number, member in enumerate(self._members):
            if member.task and (late := member.late(now_seconds)):
                member.task = replace(member.task, late=late)
                self._members[number] = self._successor(member)

    def _follower(self, member: _Member, problem: Problem) -> _Member:
        """Return the successor of one that could not load the model just now. Raises a problem that will not pass."""
        passes = isinstance(problem, Unavailable) and not isinstance(problem, StorageRefused)
        if not passes or self._deaths + 1 >= _MOST_DEATHS:
            raise problem
        return self._successor(member)

    def _successor(self, member: _Member) -> _Member:
        if not member.is_ready:
            self._deaths += 1
        member.end()
        if self._deaths >= _MOST_DEATHS:
            raise Unavailable("The processes that should do the work die while they load the model.")
        return _Member.started(member.order, member.task and replace(member.task, is_again=True))
