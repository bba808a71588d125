"""Names that the gateway and the workers share, and what a chore is enqueued with."""

from dbos import EnqueueOptions

QUEUE = "jobs"
CHORES = "chores"
CLEAR, FORGET, NOTIFY = "clear", "forget", "notify"
"""Chores for one job: remove what it stored, remove it altogether, tell its webhook that it has ended."""
FORGET_FILES = "forget-files"
"""Chore for one caller: remove all files that were uploaded until a moment."""
APPLICATION_VERSION = "1"
"""Workers do the jobs of their own version only: raise it when the steps of a kind change."""
CANCELLED = "cancelled"
"""Attribute of a job whose caller wants it no more: whoever takes it over must know."""


def chore_options(name: str, chore_id: str, delay_seconds: float | None = None) -> EnqueueOptions:
    """Return how a chore is enqueued: once for its id, to begin after so many seconds."""
    options: EnqueueOptions = {
        "workflow_name": name,
        "queue_name": CHORES,
        "workflow_id": chore_id,
        "app_version": APPLICATION_VERSION,
    }
    return options if delay_seconds is None else {**options, "delay_seconds": delay_seconds}
