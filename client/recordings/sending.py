"""Many recordings over a few connections at once, answered in their order."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from multiprocessing.pool import ThreadPool
from pathlib import Path

from client.timbre import LONGEST_SILENCE_SECONDS, Part, Refused, Timbre

STANDARD_INPUT = "-"
_CONNECTIONS = 4
_FILE_STATUSES = frozenset({413, 415, 500, 504})
_INVALID = 400


@dataclass(frozen=True, slots=True)
class Call:
    """A call that takes a recording, and what is asked of each."""

    path: str
    parts: Sequence[Part] = ()
    longest_silence_seconds: float = LONGEST_SILENCE_SECONDS
    """How long its answer may take."""
    read: Callable[[HTTPResponse], bytes] = HTTPResponse.read
    """Takes the answer."""


class Unheard(Exception):
    """Why a recording has no answer, while others may have one; the text is for the user."""


def answers(timbre: Timbre, call: Call, files: Sequence[str]) -> Iterator[bytes | Unheard]:
    """Yield the answer to each file. Raises Refused for what is wrong with the call, whichever file it is about.

    Threads that still wait when the iterator is closed keep nobody waiting, unlike those of an executor.
    """

    def send(recording: Part) -> bytes:
        seconds = call.longest_silence_seconds
        with timbre.answer_to_form(call.path, recording, *call.parts, longest_silence_seconds=seconds) as answer:
            return call.read(answer)

    def ask(file: str) -> bytes | Unheard:
        try:
            recording: Part = ("file", ("recording", content_of(file)))
        except OSError as error:
            return Unheard(f"It cannot be read: {error.strerror}")
        try:
            return timbre.patiently(lambda: send(recording))
        except Refused as error:
            if not _is_about_the_file(error):
                raise
            return Unheard(str(error))

    with ThreadPool(min(_CONNECTIONS, len(files))) as pool:
        yield from pool.imap(ask, files)


def content_of(file: str) -> bytes:
    """Read a file, or for `-` standard input. Raises OSError."""
    return sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()


def _is_about_the_file(error: Refused) -> bool:
    return error.status in _FILE_STATUSES or (error.status == _INVALID and error.param in {"", "file"})
