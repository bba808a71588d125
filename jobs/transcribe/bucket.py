"""What lies where in a bucket of recordings. Every place keeps a recording's key whole, so that no two collide."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from shared.objects import ObjectInfo, ObjectStore, open_objects
from shared.objects.base import Hear, LeftOut, ignore
from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput

INPUT, OUTPUT, PROCESSED, FAILED = "input/", "output/", "processed/", "failed/"
CHILDREN = "child_job_input/"
CLAIMS = f"{CHILDREN}claims/"
TEXT, TRANSCRIPT, REASON = ".txt", ".json", ".problem.json"
REFUSED = f"{CHILDREN}refused/"
"""Reasons of what lies in input/ under names that no recording may have; no recording is ever moved there."""


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

    def inputs(self, left_out: Hear = ignore) -> Iterator[ObjectInfo]:
        """Return what waits to be written down, whole pages at a time; `left_out` hears of what nothing can be done
        with. A reason that came back with its recording from failed/ is no recording."""
        for info in self.inside(INPUT, left_out):
            if info.key.endswith(REASON):
                continue
            if self.objects.fault_of(f"{FAILED}{info.key}{REASON}"):
                left_out(LeftOut(info.key, "The names of its transcript and reason would be longer than a key may be."))
            else:
                yield info

    def inside(self, place: str, left_out: Hear = ignore) -> Iterator[ObjectInfo]:
        """Return what is in one place; `left_out` hears of what is there too."""

        def hear(found: LeftOut) -> None:
            left_out(replace(found, name=found.name.removeprefix(place)))

        for info in self.objects.list(place, hear):
            yield replace(info, key=info.key.removeprefix(place))

    def has_inputs(self) -> bool:
        """Tell whether anything is there, if only what nothing can be done with; asks for the first page only."""
        left_out: list[LeftOut] = []
        return next(self.inputs(left_out.append), None) is not None or bool(left_out)

    def move(self, key: str, source: str, target: str, etag: str, *, if_absent: bool = False) -> None:
        """Move a recording from place to place. Raises as `ObjectStore.move`."""
        self.objects.move(source + key, target + key, if_match=etag, if_absent=if_absent)
