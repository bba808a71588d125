"""How long clips are of which the table does not say it, by their first bytes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from shared.durations import HEAD_BYTES, estimated_seconds
from shared.objects import ObjectStore
from shared.problems import NotFound
from training.speaker.data.clip import Clip

_READERS = 16
_AT_ONCE = 512


def measured(objects: ObjectStore, clips: Iterator[Clip]) -> Iterator[Clip]:
    """Yield the clips with their lengths; one that is not there, or is no sound, has none. Raises Unavailable."""

    def measure(clip: Clip) -> Clip:
        return clip if clip.duration_seconds else clip._replace(duration_seconds=_seconds(objects, clip.path))

    with ThreadPoolExecutor(_READERS) as readers:
        while some := list(islice(clips, _AT_ONCE)):
            are_known = all(clip.duration_seconds for clip in some)
            yield from some if are_known else readers.map(measure, some)


def _seconds(objects: ObjectStore, path: str) -> float | None:
    try:
        head = objects.start(path, HEAD_BYTES)
        size_bytes = len(head) if len(head) < HEAD_BYTES else objects.head(path).size_bytes
    except NotFound:
        return None
    return round(estimated_seconds(head, size_bytes), 3) or None
