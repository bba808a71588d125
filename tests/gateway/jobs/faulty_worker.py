"""The worker, but it kills itself at one moment: `TEST_FAULT=before:3` is just before the work of its third step.

`after` is when the work is done and not yet written down, `written` when it is.
"""

import itertools
import os
import signal
from collections.abc import Sequence

from fastapi import FastAPI

from gateway.jobs import worker
from gateway.jobs.running import Result, Running, Work

_when, _, _at = os.environ["TEST_FAULT"].partition(":")
_numbers = itertools.count(1)
_step, _steps = Running.step, Running.steps


def create_app() -> FastAPI:
    """Return the worker's app."""
    Running.step, Running.steps = step, steps  # type: ignore[method-assign]
    return worker.create_app()


async def step(job: Running, name: str, work: Work) -> Result:
    number = next(_numbers)
    result = await _step(job, name, _mortal(number, work))
    _die_at("written", number)
    return result


async def steps(job: Running, name: str, works: Sequence[Work], at_once: int) -> list[Result]:
    return await _steps(job, name, [_mortal(next(_numbers), work) for work in works], at_once)


def _mortal(number: int, work: Work) -> Work:
    async def one() -> Result:
        _die_at("before", number)
        result = await work()
        _die_at("after", number)
        return result

    return one


def _die_at(when: str, number: int) -> None:
    if (when, str(number)) == (_when, _at):
        os.kill(os.getpid(), signal.SIGKILL)
