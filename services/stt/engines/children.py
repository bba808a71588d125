"""Child processes that listen with a C library which may crash or hang: what it does wrong costs one utterance.

Each has a small module that serves it (`shared.child_process`) and answers 16-bit sound with words.
"""

import socket
import subprocess
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from services.stt.engine import Word
from services.stt.engines.pcm import pcm16
from shared.audio.sound import Samples
from shared.child_process import ENVIRONMENT, FOLDER, command_of, read, write
from shared.problems import EngineFailed, TimedOut, Unavailable


@dataclass(frozen=True, slots=True)
class Limits:
    """What one utterance may use before its child is ended: many times what the longest takes."""

    memory_bytes: int = 1 << 30
    seconds: int = 600


class Children:
    """Children of one module, as many as threads ask at once; one that failed or died is not used again."""

    def __init__(self, module: str, limits: Limits, **request: Any) -> None:
        """Start none yet; `request` goes along with each utterance."""
        self._module, self._limits, self._request = module, limits, request
        self._idle: list[Child] = []
        weakref.finalize(self, _end_all, self._idle)

    def words(self, samples: Samples) -> list[Word]:
        """Return the words in an utterance, float32 (n,).

        Raises TimedOut and EngineFailed, upon which the child is ended, and Unavailable where none can be started.
        """
        if not len(samples):
            return []
        with self._child() as child:
            return child.words(self._request, samples)

    @contextmanager
    def _child(self) -> Iterator["Child"]:
        """Use a child that nobody else uses."""
        child = self._taken()
        try:
            yield child
        except BaseException:
            child.end()
            raise
        self._idle.append(child)

    def _taken(self) -> "Child":
        while self._idle:
            with suppress(IndexError):  # another thread was faster
                child = self._idle.pop()
                if child.is_alive:
                    return child
                child.end()
        return Child(self._module, self._limits)


class Child:
    """One process. After any error it is good for nothing but `end`."""

    def __init__(self, module: str, limits: Limits) -> None:
        """Start `python -m module` in a session of its own, with an empty environment. Raises Unavailable."""
        self._seconds = limits.seconds
        try:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                ours.settimeout(limits.seconds)
                self._stream = cast(BinaryIO, ours.makefile("rwb"))
                self.process = _started(module, limits, theirs)
        except OSError as error:  # no files, processes or memory left
            raise Unavailable("No process can be started for the engine.") from error

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def words(self, request: dict[str, Any], samples: Samples) -> list[Word]:
        """Return the words in an utterance. Raises TimedOut and EngineFailed."""
        try:
            write(self._stream, request, pcm16(samples))
            head, _ = read(self._stream) or ({}, b"")
            return [Word(*word) for word in head["words"]]
        except TimeoutError as error:
            raise TimedOut(f"The engine took longer than {self._seconds} s for one utterance.") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EngineFailed("The engine ended in the middle of its work.") from error

    def end(self) -> None:
        """End the process, now, and collect it."""
        self.process.kill()
        self.process.wait()
        with suppress(OSError):  # what was not yet sent to it cannot be
            self._stream.close()


def _started(module: str, limits: Limits, theirs: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command_of(module, limits.memory_bytes, limits.seconds),
        cwd=FOLDER,
        env=ENVIRONMENT,
        stdin=theirs.fileno(),
        stdout=theirs.fileno(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _end_all(children: list[Child]) -> None:
    while children:
        children.pop().end()
