"""Batch speech-to-text in a process beside this one, which it does not outlive."""

import asyncio
import sys
from contextlib import suppress

import orjson

from jobs.transcribe.statuses import DONE, SOME_LEFT
from shared.problems import Json, Unavailable, problem_from

_COMMAND = (sys.executable, "-m", "jobs.transcribe.led")
_GRACE_SECONDS = 10.0


async def transcribed(order: dict[str, Json]) -> dict[str, Json]:
    """Have a bucket written down; return how many recordings ended in which state, of those that this process did.

    The order has `url`, and perhaps `options` and `child`. Raises the problem that ended the work, Unavailable where
    nothing is known of it.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*_COMMAND, stdin=pipe, stdout=pipe)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(orjson.dumps(order) + b"\n")  # and it stays open: its end would be the end of the work
        told = await process.stdout.read()
        status = await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise
    return _counts(status, told)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it and those that it leads, before anybody else loads models beside them."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()


def _counts(status: int, told: bytes) -> dict[str, Json]:
    found = orjson.loads(told) if told else {}
    if "problem" in found:
        raise problem_from(found["problem"])
    if status not in (DONE, SOME_LEFT):
        raise Unavailable("Batch speech-to-text cannot run here; the log says why.")
    return dict(found["states"])
