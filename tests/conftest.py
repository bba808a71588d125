"""Fixtures common to all tests."""

import multiprocessing.util
import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as shared.serve does, before numpy is imported


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
