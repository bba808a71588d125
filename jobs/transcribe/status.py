"""How far a bucket is."""

from jobs.transcribe.bucket import CLAIMS, FAILED, OUTPUT, PROCESSED, REASON, TRANSCRIPT, Bucket
from jobs.transcribe.outputs import Outputs
from jobs.transcribe.waiting import Waiting


def places(bucket: Bucket, waiting: Waiting) -> list[tuple[str, int]]:
    """Return how many recordings are where."""
    return [
        ("input/", len(waiting.recordings)),
        ("input/, name refused", len(waiting.refused)),
        ("of them being done", sum(1 for _ in bucket.objects.list(CLAIMS))),
        ("output/", sum(info.key.endswith(TRANSCRIPT) for info in bucket.inside(OUTPUT))),
        ("processed/", sum(1 for _ in bucket.inside(PROCESSED))),
        ("failed/", sum(not info.key.endswith(REASON) for info in bucket.inside(FAILED))),
    ]


def reasons(bucket: Bucket) -> list[tuple[str, str]]:
    """Return the recordings in failed/, and why they are there."""
    outputs, found = Outputs(bucket.objects), []
    for info in bucket.inside(FAILED):
        if not info.key.endswith(REASON):
            refusal = outputs.reason(info.key)
            found.append((info.key, str(refusal.problem.get("detail", "")) if refusal else "No reason is kept."))
    return found
