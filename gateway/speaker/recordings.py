"""Where recordings lie that S3 tells the queue of: those of jobs, and those that anybody else puts there."""

FOLDER = "recordings/"


def recording_key(job_id: str) -> str:
    """Return the key of a job's recording: its outcome is kept under it, and its copy for the queue lies there."""
    return FOLDER + job_id
