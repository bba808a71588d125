"""Recordings that failed, given another try."""

from jobs.transcribe.bucket import FAILED, INPUT, REASON, Bucket
from shared.problems import Conflict, InvalidInput, NotFound


def retry(bucket: Bucket) -> tuple[int, list[tuple[str, str]]]:
    """Move what failed back to input/; return how many were moved, and the names of others, with why not.

    The reason goes first: whatever dies in between, a recording is never taken for one that has failed again.
    """
    moved, kept = 0, []
    for info in [info for info in bucket.inside(FAILED) if not info.key.endswith(REASON)]:
        if bucket.objects.exists(INPUT + info.key):
            kept.append((info.key, "Another of that name waits in input/."))
            continue
        try:
            bucket.objects.delete(FAILED + info.key + REASON)
            bucket.move(info.key, FAILED, INPUT, info.etag)
            moved += 1
        except (NotFound, Conflict):
            kept.append((info.key, "Somebody else is moving it."))
        except InvalidInput as problem:  # a folder of that name is there
            kept.append((info.key, problem.detail))
    return moved, kept
