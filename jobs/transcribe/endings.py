"""How a version of a recording has ended, as the bucket tells. Needs no engine."""

from typing import Literal

from pydantic import BaseModel, ValidationError

from jobs.transcribe.bucket import FAILED, OUTPUT, PROCESSED, REASON, TRANSCRIPT
from shared.objects import ObjectStore
from shared.problems import NotFound

Ending = Literal["done", "failed"]


class _Made(BaseModel):
    """What there is to know of a transcript or a reason."""

    etag: str


def ending_of(objects: ObjectStore, key: str, etag: str) -> Ending | None:
    """Return how that very version has ended; None where it has not, or others took it away or wrote it anew."""
    if _is_of(objects, FAILED + key + REASON, etag) and objects.exists(FAILED + key):
        return "failed"
    if _is_of(objects, OUTPUT + key + TRANSCRIPT, etag) and objects.exists(PROCESSED + key):
        return "done"
    return None


def _is_of(objects: ObjectStore, key: str, etag: str) -> bool:
    try:
        return _Made.model_validate_json(objects.get(key)).etag == etag
    except (NotFound, ValidationError):
        return False
