"""Recordings that failed, given another try."""

from contextlib import suppress

from jobs.transcribe.bucket import FAILED, INPUT, OUTPUT, REASON, TRANSCRIPT, Bucket
from shared.objects import ObjectInfo
from shared.problems import AlreadyExists, Conflict, InvalidInput, NotFound


def retry(bucket: Bucket) -> tuple[int, list[tuple[str, str]]]:
    """Move what failed back to input/; return how many were moved, and the names of others, with why not."""
    moved, kept = 0, []
    for info in [info for info in bucket.inside(FAILED) if not info.key.endswith(REASON)]:
        try:
            _bring_back(bucket, info)
            moved += 1
        except AlreadyExists as problem:
            kept.append((info.key, problem.detail))
        except (NotFound, Conflict):
            kept.append((info.key, "Somebody else is moving it."))
        except InvalidInput as problem:  # a folder of that name is there
            kept.append((info.key, problem.detail))
    return moved, kept


def _bring_back(bucket: Bucket, info: ObjectInfo) -> None:
    """Move a recording, and forget its reason then, if it has got no other one meanwhile.

    A reason that is left, if this dies in between, is forgotten when the recording is done.
    """
    reason = bucket.objects.find(FAILED + info.key + REASON)
    transcript = bucket.objects.find(OUTPUT + info.key + TRANSCRIPT)
    if reason and transcript and transcript.modified >= reason.modified:
        raise AlreadyExists("A later one of that name has been written down.")
    try:
        bucket.move(info.key, FAILED, INPUT, info.etag, if_absent=True)
    except AlreadyExists as problem:
        raise AlreadyExists("Another of that name waits in input/.") from problem
    if reason:
        with suppress(Conflict):
            bucket.objects.delete(reason.key, if_match=reason.etag)
