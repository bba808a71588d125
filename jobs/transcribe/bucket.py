"""What lies where in a bucket of recordings. Every place keeps a recording's key whole, so that no two collide."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from shared.objects import ObjectInfo, ObjectStore, open_objects
from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput

INPUT, OUTPUT, PROCESSED, FAILED = "input/", "output/", "processed/", "failed/"
CHILDREN = "child_job_input/"
CLAIMS = f"{CHILDREN}claims/"
TEXT, TRANSCRIPT, REASON = ".txt", ".json", ".problem.json"


def open_bucket(location: str) -> "Bucket":
    """Return the bucket or folder of that name. Raises InvalidInput for a folder that does not exist."""
    objects = open_objects(location)
    if isinstance(objects, FolderObjects) and not objects.root.is_dir():
        raise InvalidInput("There is no folder of that name.")
    return Bucket(objects)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or a folder, of recordings. Keys are those of recordings, without the place that they are in."""

    objects: ObjectStore

    def inputs(self) -> Iterator[ObjectInfo]:
        """Return what waits to be written down, whole pages at a time. A reason that came back with its recording
        from failed/ is no recording."""
        return (info for info in self.inside(INPUT) if not info.key.endswith(REASON))

    def inside(self, place: str) -> Iterator[ObjectInfo]:
        """Return what is in one place."""
        for info in self.objects.list(place):
            yield replace(info, key=info.key.removeprefix(place))

    def has_inputs(self) -> bool:
        """Tell whether anything waits; asks for the first page only."""
        return next(iter(self.inputs()), None) is not None

    def move(self, key: str, source: str, target: str, etag: str) -> None:
        """Move a recording from place to place. Raises as `ObjectStore.move`."""
        self.objects.move(source + key, target + key, if_match=etag)
