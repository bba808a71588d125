"""What is enqueued beside the jobs, and how: once for its id."""

from dbos import EnqueueOptions

from gateway.jobs.kinds import queue_of
from gateway.jobs.names import APPLICATION_VERSION, SHARE


def chore_options(name: str, chore_id: str, delay_seconds: float | None = None) -> EnqueueOptions:
    """Return how a chore is enqueued: to begin after so many seconds."""
    options = _options(name, chore_id)
    return options if delay_seconds is None else {**options, "delay_seconds": delay_seconds}


def share_options(share_id: str) -> EnqueueOptions:
    """Return how a share of a job is enqueued."""
    return _options(SHARE, share_id)


def _options(name: str, workflow_id: str) -> EnqueueOptions:
    return {
        "workflow_name": name,
        "queue_name": queue_of(name),
        "workflow_id": workflow_id,
        "app_version": APPLICATION_VERSION,
    }
