"""Which of many like it a process is, where AWS Batch, Kubernetes or Slurm start several."""

from collections.abc import Mapping

from shared.problems import InvalidInput

INDEXES = ("AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID")


def child_index(environment: Mapping[str, str]) -> int | None:
    """Return which of many this is; None if it is the only one. Raises InvalidInput."""
    told = next((environment[name] for name in INDEXES if environment.get(name)), None)
    if told is None:
        return None
    if not told.isdecimal():
        raise InvalidInput("The index of this child is no number.")
    return int(told)
