"""The worker, with points to die at (faults.py): `before` the work of a step, `after` it, when it is `written`, within.

`after` is when the work is done and not yet written down; `written` is there for steps that are not made in parts.
"""

from collections.abc import Sequence
from typing import BinaryIO

import aiohttp
from dbos import DBOSClient
from dbos._sys_db import SystemDatabase
from fastapi import FastAPI
from sqlalchemy.engine.default import DefaultDialect

from gateway.jobs import joining, takeover, worker
from gateway.jobs.chores import Chores
from gateway.jobs.running import Result, Running, Work
from shared.objects import atomic, folder
from tests.gateway.jobs.chaos.faults import after, before, passing

_step, _steps = Running.step, Running.steps


def create_app() -> FastAPI:
    """Return the worker's app."""
    Running.step, Running.steps = step, steps  # type: ignore[method-assign]
    _in_objects()
    _in_work()
    _in_the_database()
    _in_chores()
    return worker.create_app()


def _in_objects() -> None:
    after(atomic, "_new_file", "object-opened")
    folder.shutil = _Halving  # type: ignore[attr-defined]
    before(atomic, "_named", "object-nameless")
    after(atomic, "_named", "object-named")
    before(atomic, "_place", "object-replacing")


def _in_work() -> None:
    before(aiohttp.ClientResponse, "start", "speech-asked")
    after(aiohttp.ClientResponse, "start", "speech-answering")
    before(joining, "_samples", "joining")
    after(joining, "encode_into", "joined")
    after(folder.FolderObjects, "delete", "object-deleted")


def _in_the_database() -> None:
    before(DefaultDialect, "do_commit", "committing")
    after(DefaultDialect, "do_commit", "committed")
    after(SystemDatabase, "_record_operation_result_txn", "step-unwritten")
    after(SystemDatabase, "record_operation_result", "step-written")
    before(SystemDatabase, "update_workflow_outcome", "end-unwritten")
    after(SystemDatabase, "update_workflow_outcome", "end-written")
    after(SystemDatabase, "start_queued_workflows", "taken")


def _in_chores() -> None:
    before(takeover, "_cancel_again", "taking-over")
    before(DBOSClient, "delete_workflows_async", "forgetting")
    after(DBOSClient, "delete_workflows_async", "forgot")
    before(worker, "deliver", "telling")
    after(worker, "deliver", "told")
    after(Chores, "forget", "expiring")


class _Halving:
    """Stands for `shutil`, with a moment in the middle of a copy."""

    @staticmethod
    def copyfileobj(source: BinaryIO, target: BinaryIO, length: int) -> None:
        whole = source.read()
        target.write(whole[: len(whole) // 2])
        target.flush()
        passing("object-half")
        target.write(whole[len(whole) // 2 :])


async def step(job: Running, name: str, work: Work) -> Result:
    result = await _step(job, name, _mortal(work))
    passing("written")
    return result


async def steps(job: Running, name: str, works: Sequence[Work], at_once: int) -> list[Result]:
    return await _steps(job, name, [_mortal(work) for work in works], at_once)


def _mortal(work: Work) -> Work:
    async def one() -> Result:
        passing("before")
        result = await work()
        passing("after")
        return result

    return one
