"""What a job made, as it is kept with the job: a name for callers, and where it lies."""

from gateway.jobs.running import Result, Running

Made = Result
"""With `name`, `key`, `media_type` and `bytes`."""


def made(job: Running, name: str, file: str, media_type: str, size_bytes: int) -> Made:
    """Describe a result that lies in the job's folder as `file`."""
    return {"name": name, "key": job.folder + file, "media_type": media_type, "bytes": size_bytes}
