"""Batch speech-to-text by the clock, started by whichever worker comes first."""

import importlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from dbos import DBOS, StepOptions

from gateway.jobs.names import APPLICATION_VERSION, CHORES
from gateway.jobs.running import RETRIES, may_pass
from gateway.jobs.serialise import problem_body
from gateway.jobs.settings import WorkerSettings
from gateway.jobs.views import UNENDED

_NAME = "batch"
_SCHEDULE = "jobs.schedule"
"""Imported by workers only, as what does the jobs is."""
_OPTIONS: StepOptions = {**RETRIES, "name": "start", "should_retry": may_pass}
_log = logging.getLogger("timbre.jobs")

Batch = Callable[[Any, Any], Coroutine[Any, Any, None]]


def register() -> Batch:
    """Make the batch known to the job engine, before it starts."""

    @DBOS.workflow(name=_NAME)
    async def batch(_: Any, __: Any) -> None:
        if not await DBOS.run_step_async({**RETRIES, "name": "look"}, _is_first):
            _log.warning("batch: the last one still runs")
            return
        module = importlib.import_module(_SCHEDULE)

        async def start() -> dict[str, Any]:
            return dict(await module.start(module.ScheduleSettings()))

        try:
            started = await DBOS.run_step_async(_OPTIONS, start)
        except Exception as error:  # whatever it is: nobody waits for this batch, so the log has to tell
            _log.error("batch: %s", problem_body(error)["type"])
            raise
        _log.info("batch: %s", started or "nothing waits")

    return batch


async def _is_first() -> bool:
    """Tell whether no batch that was begun before this one still runs: two would load the model twice."""
    unended = await DBOS.list_workflows_async(
        name=_NAME, status=UNENDED, app_version=APPLICATION_VERSION, load_input=False, load_output=False
    )
    first = min(unended, key=lambda each: (each.created_at or 0, each.workflow_id), default=None)
    return first is None or first.workflow_id == DBOS.workflow_id


async def schedule(batch: Batch, settings: WorkerSettings) -> None:
    """Have it started at the times that the settings say, or not at all where they name no bucket."""
    if not settings.batch_url:
        await DBOS.delete_schedule_async(_NAME)
        return
    await DBOS.apply_schedules_async(
        [{"schedule_name": _NAME, "workflow_fn": batch, "schedule": settings.batch_schedule, "queue_name": CHORES}]
    )
