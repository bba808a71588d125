"""Many recordings over a few connections at once, answered in their order."""

import sys
from collections.abc import Iterator, Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path

from client.timbre import Part, Refused, Timbre

PATH = "/v1/audio/keywords"
STANDARD_INPUT = "-"
_CONNECTIONS = 4
_FILE_STATUSES = frozenset({413, 415, 500, 504})
_INVALID = 400


class Unheard(Exception):
    """Why a recording has no answer, while others may have one; the text is for the user."""


def answers(timbre: Timbre, files: Sequence[str], parts: Sequence[Part]) -> Iterator[bytes | Unheard]:
    """Yield the answer to each file. Raises Refused for what is wrong with the call, whichever file it is about.

    Threads that still wait when the iterator is closed keep nobody waiting, unlike those of an executor.
    """

    def ask(file: str) -> bytes | Unheard:
        try:
            recording: Part = ("file", ("recording", content_of(file)))
            return timbre.patiently(lambda: timbre.send(PATH, recording, *parts))
        except OSError as error:
            return Unheard(f"It cannot be read: {error.strerror}")
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
