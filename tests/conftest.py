"""Fixtures common to all tests."""

import multiprocessing.util
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as shared.serve does, before numpy is imported

pytest_plugins = ["tests.stack"]
_ROOT = Path(__file__).parent
_FIRST = ("e2e/test_own_voice.py", "jobs", "gateway/jobs")
"""What takes long, so that none of it is begun when all others have ended."""
_LAST = ("e2e", "compat")
"""Folders whose stacks are there until the end, and look for jobs all the time."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: _turn(item.path.relative_to(_ROOT)))


def _turn(path: Path) -> int:
    if _is_in(path, _FIRST):
        return 0
    return 2 if _is_in(path, _LAST) else 1


def _is_in(path: Path, folders: Sequence[str]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def pytest_configure() -> None:
    """Let Ctrl-C end what tests start: a shell has what it starts in the background ignore it, and so do all below."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _folder_of_multiprocessing() -> None:
    """Let multiprocessing choose its folder, which it does once, before a test says where temporary files go.

    That folder's name may be too long for the sockets of fork servers, and it would be gone for later tests.
    """
    multiprocessing.util.get_temp_dir()


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the services do."""
    return "asyncio"
