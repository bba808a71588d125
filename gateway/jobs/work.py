"""The jobs as durable workflows, and the shares of those that several workers do."""

import importlib
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol, cast

from dbos import DBOS, DBOSClient

from gateway.jobs import upkeep
from gateway.jobs.kinds import KINDS, Kind
from gateway.jobs.names import MOST_LIVES, SHARE, TAKEN_OVER
from gateway.jobs.results import Made
from gateway.jobs.running import Result, Running
from gateway.jobs.serialise import problem_body
from gateway.jobs.shares import job_of_share
from gateway.jobs.tools import Tools
from gateway.jobs.views import UNENDED
from shared.problems import EngineFailed

_log = logging.getLogger("timbre.jobs")


class Work(Protocol):
    """What does the jobs of one kind."""

    def __init__(self, tools: Tools) -> None: ...

    async def run(self, job: Running, order: Any) -> list[Made]:
        """Do the job in steps and return its results. Raises what a step raised in the end."""


class SharedWork(Work, Protocol):
    """What does the jobs of a kind that several workers share."""

    async def share(self, order: Result) -> Result:
        """Do what one of them has to, which may be done again by others. Raises what it cannot do."""


def register(tools: Tools, client: DBOSClient) -> None:
    """Make the jobs of all kinds, and their shares, known to the job engine, before it starts."""
    works = {name: _register(name, kind, tools, client) for name, kind in KINDS.items()}
    _register_shares(works, client)


def _register(name: str, kind: Kind, tools: Tools, client: DBOSClient) -> Work:
    module, _, class_name = kind.work.partition(":")
    work: Work = getattr(importlib.import_module(module), class_name)(tools)

    @DBOS.workflow(name=name, max_recovery_attempts=MOST_LIVES)
    async def do(order: dict[str, Any]) -> list[Made]:
        job = Running(DBOS.workflow_id or "", DBOS.authenticated_user or "")
        async with _announced(job, name, order["webhook"]):
            await _require_harmless(client, job)
            return await work.run(job, kind.input.model_validate(order["input"]))

    return work


def _register_shares(works: Mapping[str, Work], client: DBOSClient) -> None:
    @DBOS.workflow(name=SHARE, max_recovery_attempts=MOST_LIVES)
    async def do(order: Result) -> Result:
        share = Running(DBOS.workflow_id or "", "")
        jobs = await client.list_workflows_async(workflow_ids=[job_of_share(share.id)], status=UNENDED)
        if not jobs:  # it was stopped before this share was handed out
            return {}
        await _require_harmless(client, share)
        work = cast(SharedWork, works[jobs[0].name])
        return await share.step(SHARE, partial(work.share, order))


async def _require_harmless(client: DBOSClient, job: Running) -> None:
    """Raise EngineFailed for a job that outlasted so many workers that it must be what kills them."""
    (status,) = await client.list_workflows_async(workflow_ids=[job.id], load_input=False, load_output=False)
    if (status.attributes or {}).get(TAKEN_OVER, 0) >= MOST_LIVES:
        raise EngineFailed(f"{MOST_LIVES} workers died one after the other while they did this job.")


@asynccontextmanager
async def _announced(job: Running, kind: str, webhook: dict[str, str] | None) -> AsyncIterator[None]:
    """Log how a job ended, without a word of what is in it, and have its webhook told.

    A job that is broken off, because it is cancelled or this worker ends, has not ended in this sense.
    """
    try:
        yield
    except Exception as error:  # whatever it is: the job fails with it, and the caller wants to know
        _log.warning("%s %s failed: %s", kind, job.id, problem_body(error)["type"])
        await upkeep.announce(job.id, webhook)
        raise
    _log.info("%s %s succeeded", kind, job.id)
    await upkeep.announce(job.id, webhook)
