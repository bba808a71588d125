"""CMU's PocketSphinx with the English model that its package carries: the engine that needs no download."""

import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, cast

from services.stt.engine import Abilities, Segment, SpeechEngine, Wishes, Word
from services.stt.engines.pcm import pcm16
from services.stt.phrases import segments_of
from shared.audio.sound import Samples
from shared.child_process import read, write
from shared.problems import EngineFailed, Unavailable
from shared.store import LocalModel

_ROOT = Path(__file__).parents[3]
_MEMORY_BYTES, _CPU_SECONDS = 1 << 30, 600
"""What one utterance may use before its child is ended: many times what the longest takes."""


class PocketSphinx(SpeechEngine):
    """A child process for each thread that asks; an utterance is heard as by a decoder that heard nothing before."""

    needs_model = False
    version = version("pocketsphinx")
    sample_rate_hz = 16_000
    abilities = Abilities(("en",))
    longest_seconds = 40.0
    utterances_at_once = 1

    def __init__(self, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take and ignore what engines with a model need."""
        self._idle: list[_Child] = []
        weakref.finalize(self, _end_all, self._idle)

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance, each about a phrase.

        Raises EngineFailed, and Unavailable where no child can be started.
        """
        with self._child() as child:
            heard = [child.hear(samples) if len(samples) else [] for samples in utterances]
        return [segments_of(words, "en", word_times=wishes.word_times) for words in heard]

    @contextmanager
    def _child(self) -> Iterator["_Child"]:
        """Use a child that nobody else uses; one that failed or died is not used again."""
        child = self._taken()
        try:
            yield child
        except BaseException:
            child.end()
            raise
        self._idle.append(child)

    def _taken(self) -> "_Child":
        while self._idle:
            with suppress(IndexError):  # another thread was faster
                child = self._idle.pop()
                if child.is_alive:
                    return child
                child.end()
        return _Child()


class _Child:
    """One process with a decoder. After any error it is good for nothing but `end`."""

    def __init__(self) -> None:
        """Start it. Raises Unavailable."""
        try:
            self._process = _started()
        except OSError as error:  # no files, processes or memory left
            raise Unavailable("No process can be started for the engine.") from error

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def hear(self, samples: Samples) -> list[Word]:
        """Return the words in an utterance. Raises EngineFailed."""
        try:
            write(cast(BinaryIO, self._process.stdin), {}, pcm16(samples))
            head, _ = read(cast(BinaryIO, self._process.stdout)) or ({}, b"")
            return [Word(*word) for word in head["words"]]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EngineFailed("The engine ended in the middle of its work.") from error

    def end(self) -> None:
        """End the process, now, and collect it."""
        with suppress(OSError), self._process:  # what was not yet sent to it cannot be
            self._process.kill()


def _started() -> subprocess.Popen[bytes]:
    module = "services.stt.engines.pocketsphinx_child"
    return subprocess.Popen(
        [sys.executable, "-m", module, str(_MEMORY_BYTES), str(_CPU_SECONDS)],
        cwd=_ROOT,
        env={"LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _end_all(children: list[_Child]) -> None:
    while children:
        children.pop().end()
