"""Clips with the files that hold them, as training reads them; those of a bucket are fetched into a folder first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from shared.objects import ObjectStore, open_objects
from shared.objects.folder import FolderObjects
from shared.problems import NotFound, TooLarge
from training.speaker.data.catalogue import Catalogue, Wanted
from training.speaker.data.clip import Clip

MOST_CLIP_BYTES = 1 << 26
_READERS = 16
_AT_ONCE = 256


class Fetching:
    """Finds or fetches clips of several data sets."""

    def __init__(self, locations: dict[str, str], cache: Path) -> None:
        """`locations` are those of the data sets (`Catalogue.locations`); `cache` is the folder for copies."""
        self._objects: dict[str, ObjectStore] = {name: open_objects(place) for name, place in locations.items()}
        self._cache = cache

    def path(self, clip: Clip) -> Path | None:
        """Return a file that holds the clip; None where its data set has no such file, or one that is far too large.

        No link is followed below the data set's folder. Raises Unavailable, StorageFull.
        """
        objects = self._objects[clip.data_set]
        try:
            if isinstance(objects, FolderObjects):
                objects.head(clip.path)
                return objects.root / clip.path
            return self._fetched(objects, clip)
        except (NotFound, TooLarge):
            return None

    def _fetched(self, objects: ObjectStore, clip: Clip) -> Path:
        copy = self._cache / clip.data_set / clip.path
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            objects.download_to(clip.path, copy, limit_bytes=MOST_CLIP_BYTES)
        return copy


def local_clips(catalogue: Catalogue, wanted: Wanted, cache: Path) -> Iterator[tuple[Clip, Path | None]]:
    """Yield the clips that are wanted, each with its file, or None where it has none; some are fetched ahead.

    Raises what the catalogue and the storage raise; called again, it fetches only what is not in `cache` yet.
    """
    fetching = Fetching(catalogue.locations(), cache)
    clips = catalogue.clips(wanted)
    with ThreadPoolExecutor(_READERS) as readers:
        while some := list(islice(clips, _AT_ONCE)):
            yield from zip(some, readers.map(fetching.path, some), strict=True)
