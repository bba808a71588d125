"""Whose call it is, as nginx says it."""

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from shared.callers import calling_key, known_caller
from shared.problems import Unauthorized

pytestmark = pytest.mark.anyio


def connection(*keys: bytes) -> HTTPConnection:
    scope: dict[str, Any] = {"type": "http", "headers": [(b"x-timbre-key", key) for key in keys]}
    return HTTPConnection(scope)


async def test_a_key() -> None:
    assert await calling_key(connection(b"alice-1_B")) == await known_caller(connection(b"alice-1_B")) == "alice-1_B"


async def test_nobody() -> None:
    assert await known_caller(connection()) is None
    with pytest.raises(Unauthorized):
        await calling_key(connection())


@pytest.mark.parametrize("key", [b"", b"../bob", b"a/b", b"a b", b"\xc3\xbc", b"a" * 129, b"a\n"])
async def test_what_could_be_no_part_of_a_name(key: bytes) -> None:
    for caller in (calling_key, known_caller):
        with pytest.raises(Unauthorized):
            await caller(connection(key))
