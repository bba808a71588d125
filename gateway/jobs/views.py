"""A job as its caller sees it, from what the job engine keeps of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dbos import StepInfo, WorkflowStatus

from gateway.jobs.kinds import KINDS
from gateway.jobs.results import Made
from gateway.jobs.schemas import ENDED, Job, Result, State
from gateway.jobs.serialise import problem_body

STATES: dict[str, State] = {
    "DELAYED": "queued",
    "ENQUEUED": "queued",
    "PENDING": "running",
    "SUCCESS": "succeeded",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}
"""The job engine's names for states, and ours."""
UNENDED = [theirs for theirs, ours in STATES.items() if ours not in ENDED]


def job_of(status: WorkflowStatus, retention: timedelta) -> Job:
    """Return all that the job's own row tells: all but step and progress."""
    state = STATES[status.status]
    ended = _moment(status.completed_at)
    return Job(
        id=status.workflow_id,
        kind=status.name,
        state=state,
        created=_moment(status.created_at) or datetime.now(UTC),
        started=_moment(status.dequeued_at),
        ended=ended,
        expires=ended + retention if ended else None,
        error=problem_body(status.error or RuntimeError()) if state == "failed" else None,
        results=[_result(status.workflow_id, made) for made in status.output or []] if state == "succeeded" else [],
    )


def with_progress(job: Job, steps: Sequence[StepInfo]) -> Job:
    """Add what is being done, and the share that is done.

    A step that is made once counts as one part; how many parts the others have, the step before them says (`parts`).
    Until it has said so nothing counts as done, so that the share never falls.
    """
    if job.state == "succeeded":
        return job.model_copy(update={"progress": 1.0})
    done = Counter(step["function_name"] for step in steps if step["completed_at_epoch_ms"] and not step["error"])
    parts = max((_parts(step) for step in steps), default=0)
    phases, divided = KINDS[job.kind].phases, KINDS[job.kind].divided
    wanted = {name: max(parts, 1) if name in divided else 1 for name in phases}
    share = sum(min(done[name], wanted[name]) for name in phases) / sum(wanted.values())
    share = share if parts or not divided else 0.0
    current = next((name for name in phases if done[name] < wanted[name]), phases[-1])
    return job.model_copy(update={"progress": round(share, 3), "step": current if job.state == "running" else None})


def _parts(step: StepInfo) -> int:
    output = step["output"]
    return int(output.get("parts", 0)) if isinstance(output, dict) else 0


def _result(job_id: str, made: Made) -> Result:
    return Result(
        name=made["name"],
        media_type=made["media_type"],
        bytes=made["bytes"],
        href=f"/v1/jobs/{job_id}/results/{made['name']}",
        models=made.get("models", []),
    )


def _moment(epoch_milliseconds: int | None) -> datetime | None:
    return None if epoch_milliseconds is None else datetime.fromtimestamp(epoch_milliseconds / 1000, UTC)
