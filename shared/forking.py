"""Processes that are forked from a server which has imported what they need."""

import tempfile
from collections.abc import Sequence
from functools import cache
from multiprocessing import get_context, util
from multiprocessing.context import ForkServerContext
from pathlib import Path

_MOST_BYTES = 70
"""Of a folder's name, so that a socket's own, which has 107 at most, fits behind it."""
_SHORT = "/tmp"  # noqa: S108 - multiprocessing makes a folder of its own in it, for this user alone


def fork_server(modules: Sequence[str]) -> ForkServerContext:
    """Return the context of processes that find `modules` imported.

    The server is started by the first process; the modules that it imports are those of that time. Starting raises
    OSError and EOFError where there are no files, processes or memory left.
    """
    _make_socket_folder()
    context = get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return context


@cache
def _make_socket_folder() -> None:
    """Make the folder of this process's sockets before its children are: they share it, and it goes when this ends.

    A child that made one of its own would leave it behind when it is killed.
    """
    usual = tempfile.gettempdir()
    if len(usual.encode()) > _MOST_BYTES and Path(_SHORT).is_dir():
        tempfile.tempdir = _SHORT
    try:
        util.get_temp_dir()
    finally:
        tempfile.tempdir = usual
