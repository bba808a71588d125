"""Which child job does which recordings: lists of about the same length of sound each. Needs no codecs."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from jobs.transcribe.bucket import CHILDREN, CLAIMS, INPUT, Bucket
from shared.durations import HEAD_BYTES, estimated_seconds
from shared.objects import ObjectInfo
from shared.problems import NotFound, StorageRefused

_READERS = 16
_OVERHEAD_SECONDS = 1.0
"""What a recording costs besides its length, so that thousands of short ones are shared too."""


@dataclass
class Share:
    """What one child is to do, longest first."""

    keys: list[str] = field(default_factory=list)
    sound_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A recording, and about how long it is."""

    key: str
    sound_seconds: float


def planned(bucket: Bucket, recordings: Iterable[ObjectInfo], children: int) -> list[Share]:
    """Return the shares of at most so many children in what waits in input/, none of them empty."""
    return shared_out(list(_estimates(bucket, recordings)), children)


def shared_out(recordings: Sequence[Estimate], children: int) -> list[Share]:
    """Return shares of about the same length: each recording, from the longest on, goes where least is."""
    shares = [Share() for _ in range(min(children, len(recordings)))]
    heap = [(0.0, number) for number in range(len(shares))]
    for recording in sorted(recordings, key=lambda each: (-each.sound_seconds, each.key)):
        cost, number = heapq.heappop(heap)
        shares[number].keys.append(recording.key)
        shares[number].sound_seconds += recording.sound_seconds
        heapq.heappush(heap, (cost + recording.sound_seconds + _OVERHEAD_SECONDS, number))
    return shares


def write_plan(bucket: Bucket, shares: Sequence[Share]) -> None:
    """Write each child's list, and remove those of an earlier plan that had more children."""
    for number, share in enumerate(shares):
        bucket.objects.put(f"{CHILDREN}{number}", "".join(f"{key}\n" for key in share.keys).encode())
    for info in list(bucket.objects.list(CHILDREN)):
        name = info.key.removeprefix(CHILDREN)
        if not info.key.startswith(CLAIMS) and name.isdecimal() and int(name) >= len(shares):
            bucket.objects.delete(info.key)


def child_list(bucket: Bucket, index: int) -> list[str]:
    """Return the recordings that are planned for a child; none where nobody has planned."""
    try:
        return bucket.objects.get(f"{CHILDREN}{index}").decode(errors="replace").split("\n")[:-1]
    except NotFound:
        return []


def _estimates(bucket: Bucket, recordings: Iterable[ObjectInfo]) -> Iterator[Estimate]:
    def estimate(info: ObjectInfo) -> Estimate | None:
        try:
            head = bucket.objects.start(INPUT + info.key, HEAD_BYTES)
        except NotFound:  # it was done, or taken away, just now
            return None
        except StorageRefused:  # of this one alone: the listing was not refused
            return Estimate(info.key, 0.0)
        return Estimate(info.key, estimated_seconds(head, info.size_bytes))

    with ThreadPoolExecutor(_READERS) as readers:
        yield from (found for found in readers.map(estimate, recordings) if found)
