"""The command line as a user sees it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass


@dataclass
class Said:
    status: int
    out: str
    err: str


Run = Callable[..., Said]


def written(terminal: int) -> str:
    """Return all that was written to a terminal that nobody writes to any more."""
    text = b""
    with suppress(OSError), open(terminal, "rb", buffering=0) as stream:
        while some := stream.read(4096):
            text += some
    return text.decode()
