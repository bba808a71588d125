"""The command line as a user sees it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest


@dataclass
class Said:
    status: int
    out: str
    err: str


Run = Callable[..., Said]


def run_of(main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what calls a command of this process with arguments."""

    def run(*arguments: str) -> Said:
        try:
            status = main(arguments)
        except SystemExit as left:
            status = int(left.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(status, captured.out, captured.err)

    return run


def written(terminal: int) -> str:
    """Return all that was written to a terminal that nobody writes to any more."""
    text = b""
    with suppress(OSError), open(terminal, "rb", buffering=0) as stream:
        while some := stream.read(4096):
            text += some
    return text.decode()
