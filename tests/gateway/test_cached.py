"""One fetch for all who wait."""

import asyncio

import pytest

from gateway.cached import Cached

pytestmark = pytest.mark.anyio


class Fetch:
    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> int:
        self.calls += 1
        await asyncio.sleep(0)
        return self.calls


async def test_many_callers_make_one_fetch() -> None:
    fetch, cached = Fetch(), Cached[int](60)
    assert await asyncio.gather(*(cached.get(fetch) for _ in range(5))) == [1] * 5


async def test_what_is_old_is_fetched_again() -> None:
    fetch, cached = Fetch(), Cached[int](0)
    assert [await cached.get(fetch), await cached.get(fetch)] == [1, 2]


async def test_errors_are_not_kept() -> None:
    async def fails() -> int:
        raise ValueError

    fetch, cached = Fetch(), Cached[int](60)
    with pytest.raises(ValueError, match=r"^$"):
        await cached.get(fails)
    assert await cached.get(fetch) == 1
