import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.tts.child import ChildPool, Limits
from shared.problems import EngineFailed, TimedOut, Unavailable
from tests.exhausted import no_files_left

MODULE = "tests.services.tts.troublesome_child"
ROOT = Path(__file__).parents[3]


def with_pool(use: Callable[[ChildPool], Awaitable[None]], size: int = 1, limits: Limits | None = None) -> None:
    async def run() -> None:
        pool = ChildPool(MODULE, size, limits)
        try:
            await use(pool)
        finally:
            await pool.close()

    asyncio.run(run())


def is_gone(pid: int) -> bool:
    """Neither running nor a zombie."""
    return not Path(f"/proc/{pid}").exists()


async def gone(pid: int) -> bool:
    async with asyncio.timeout(10):
        while not is_gone(pid):
            await asyncio.sleep(0.01)
    return True


def test_child_answers_and_stays() -> None:
    async def use(pool: ChildPool) -> None:
        first = await pool.ask({"do": "echo", "say": "grüße \ud800"})
        second = await pool.ask({"do": "echo"})
        assert first.head["said"] == "grüße \ud800"
        assert first.payload == b"payload"
        assert first.head["pid"] == second.head["pid"]

    with_pool(use)


def test_what_a_library_prints_is_no_answer() -> None:
    async def use(pool: ChildPool) -> None:
        assert (await pool.ask({"do": "print"})).payload == b"payload"

    with_pool(use)


def test_environment_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMBRE_SECRET", "x")

    async def use(pool: ChildPool) -> None:
        assert "TIMBRE_SECRET" not in (await pool.ask({"do": "environment"})).head["names"]

    with_pool(use)


def test_close_leaves_no_process() -> None:
    async def run() -> int:
        pool = ChildPool(MODULE, 1)
        pid: int = (await pool.ask({"do": "echo"})).head["pid"]
        await pool.close()
        return pid

    assert is_gone(asyncio.run(run()))


@pytest.mark.parametrize("deed", ["crash", "grow"])
def test_crash_fails_one_request_only(deed: str) -> None:
    async def use(pool: ChildPool) -> None:
        before = (await pool.ask({"do": "echo"})).head["pid"]
        with pytest.raises(EngineFailed):
            await pool.ask({"do": deed})
        assert (await pool.ask({"do": "echo"})).head["pid"] != before
        assert await gone(before)

    with_pool(use)


def test_child_that_died_in_its_sleep_is_replaced() -> None:
    async def use(pool: ChildPool) -> None:
        pid = (await pool.ask({"do": "echo"})).head["pid"]
        os.kill(pid, signal.SIGKILL)
        assert await gone(pid)
        await asyncio.sleep(0.05)  # the event loop hears of the death a little after the kernel
        assert (await pool.ask({"do": "echo"})).head["pid"] != pid

    with_pool(use)


def test_child_that_cannot_be_started_is_to_be_asked_for_again() -> None:
    async def use(pool: ChildPool) -> None:
        with no_files_left(), pytest.raises(Unavailable):
            await pool.ask({"do": "echo"})
        assert (await pool.ask({"do": "echo"})).payload == b"payload"

    with_pool(use)


def test_time_limit_ends_the_child() -> None:
    async def use(pool: ChildPool) -> None:
        pid = (await pool.ask({"do": "echo"})).head["pid"]
        with pytest.raises(TimedOut, match=r"4 s"):
            await pool.ask({"do": "hang"})
        assert await gone(pid)
        await pool.ask({"do": "echo"})

    with_pool(use, limits=Limits(seconds=4))


def test_cpu_limit_ends_the_child() -> None:
    async def use(pool: ChildPool) -> None:
        with pytest.raises(EngineFailed):
            await pool.ask({"do": "burn"})

    with_pool(use, limits=Limits(seconds=60, cpu_seconds=0))


def test_caller_that_leaves_ends_the_child() -> None:
    async def use(pool: ChildPool) -> None:
        pid = (await pool.ask({"do": "echo"})).head["pid"]
        asking = asyncio.create_task(pool.ask({"do": "hang"}))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await gone(pid)
        await pool.ask({"do": "echo"})

    with_pool(use)


def test_as_many_children_as_slots() -> None:
    async def use(pool: ChildPool) -> None:
        replies = await asyncio.gather(*(pool.ask({"do": "echo", "say": n}) for n in range(12)))
        assert [reply.head["said"] for reply in replies] == list(range(12))
        assert len({reply.head["pid"] for reply in replies}) <= 2

    with_pool(use, size=2)


def test_children_die_with_their_parent() -> None:
    """Even with a parent that is killed and a child that does not read its input."""
    parent = f"""
import asyncio
from services.tts.child import ChildPool
async def run():
    pool = ChildPool({MODULE!r}, 1)
    print((await pool.ask(dict(do="echo"))).head["pid"], flush=True)
    await pool.ask(dict(do="hang"))
asyncio.run(run())
"""
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        pid = int(process.stdout.readline())
        process.kill()
        process.wait()
    assert asyncio.run(gone(pid)) or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
