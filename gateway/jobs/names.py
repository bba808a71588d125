"""Names that the gateway and the workers share, and what a chore is enqueued with."""

from dbos import EnqueueOptions

QUEUE = "jobs"
CHORES = "chores"
CLEAR, FORGET, NOTIFY, SWEEP = "clear", "forget", "notify", "sweep"
"""Chores for one job: stop it and remove what it stored, remove it altogether, tell its webhook that it has ended,
remove what was stored for it too late."""
FORGET_FILES = "forget-files"
"""Chore for one caller: remove all files that were uploaded until a moment."""
SETTLED_SECONDS = 3.0
"""After this time a step that was broken off has really ended."""
LATE_SECONDS = 900.0
"""What cannot be broken off, such as a thread that writes or a worker cut off from the others, has ended after this."""
APPLICATION_VERSION = "1"
"""Workers do the jobs of their own version only: raise it when the steps of a kind change."""
CANCELLED = "cancelled"
"""Attribute of a job whose caller wants it no more: whoever takes it over must know."""
TAKEN_OVER = "taken_over"
"""Attribute of a job: how many workers died while they did it."""
MOST_LIVES = 20
"""So many workers, or lives of one worker, a job may outlast; after that it is held to be what kills them."""


def chore_options(name: str, chore_id: str, delay_seconds: float | None = None) -> EnqueueOptions:
    """Return how a chore is enqueued: once for its id, to begin after so many seconds."""
    options: EnqueueOptions = {
        "workflow_name": name,
        "queue_name": CHORES,
        "workflow_id": chore_id,
        "app_version": APPLICATION_VERSION,
    }
    return options if delay_seconds is None else {**options, "delay_seconds": delay_seconds}
