"""What a job made, as it is kept with the job: a name for callers, and where it lies."""

from collections.abc import Iterable

from gateway.jobs.running import Result, Running

Made = Result
"""With `name`, `place`, `key` in it, `media_type` and `bytes`; of speech, the `models` that spoke it; of a transcript,
what was found of its recording; of what was written into a bucket of the caller's too, its `address` there."""
OBJECTS, PREDICTIONS = "objects", "predictions"
"""The places."""


def made(job: Running, name: str, file: str, media_type: str, size_bytes: int) -> Made:
    """Describe a result that lies in the job's folder as `file`."""
    return _made(name, OBJECTS, job.folder + file, media_type, size_bytes)


def made_prediction(name: str, key: str, size_bytes: int) -> Made:
    """Describe a result that lies among the predictions."""
    return _made(name, PREDICTIONS, key, "application/json", size_bytes)


def spoken_by(models: Iterable[str], sound: Made) -> Made:
    """Say of sound which models spoke it, each once."""
    return {**sound, "models": list(dict.fromkeys(models))}


def _made(name: str, place: str, key: str, media_type: str, size_bytes: int) -> Made:
    return {"name": name, "place": place, "key": key, "media_type": media_type, "bytes": size_bytes}
