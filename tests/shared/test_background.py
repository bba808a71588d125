import asyncio

import pytest

from shared.background import during


@pytest.mark.anyio
class TestDuring:
    async def test_work_goes_on_in_the_block_and_ends_with_it(self) -> None:
        began, ends = asyncio.Event(), []

        async def work(name: str) -> None:
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                ends.append(name)

        async with during(work("one"), work("other")):
            await began.wait()
            assert not ends
        assert ends == ["one", "other"]

    async def test_an_error_of_the_work_is_not_lost(self) -> None:
        async def fail() -> None:
            raise ValueError("broken")

        with pytest.raises(ValueError, match="broken"):
            async with during(fail()):
                await asyncio.sleep(0)
