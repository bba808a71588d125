"""Make one catalogue of a folder of data sets, as training jobs get it: `python -m training.speaker.gather FOLDER OUT`.

FOLDER has a folder for each data set, named as the set is, with its recordings and its table (metadata.csv or
validated.tsv); or table and recordings themselves, as one data set of FOLDER's own name. A catalogue.sqlite in it says
what is known already: its data sets are looked for in the folders of their names, or in the buckets that it names.
OUT is written whole, and anew each time; FOLDER stays as it is.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput, Problem
from shared.progress import Progress
from training.speaker.data.catalogue import Catalogue
from training.speaker.data.importing import import_table
from training.speaker.data.opened import open_catalogue
from training.speaker.data.reports import show_imported
from training.speaker.data.source import TABLES, sources
from training.speaker.data.splits import Shares

CATALOGUE = "catalogue.sqlite"
_BUCKET = "s3://"


def gather(folder: Path, out: Path, progress: Progress) -> None:
    """Write the catalogue `out` of the data sets in `folder`.

    Raises InvalidInput where there are none, where one of the catalogue's is not there, or a table does not tell
    everything; NotFound, StorageFull, Unavailable.
    """
    with TemporaryDirectory() as scratch:  # a checkpoint of a half-written database would be of no use
        own = Path(scratch, CATALOGUE)
        if (folder / CATALOGUE).exists():
            shutil.copyfile(folder / CATALOGUE, own)
        with open_catalogue(str(own), create=True) as catalogue:
            _fill(catalogue, folder, progress)
        FolderObjects(out.parent).put(out.name, own)


def _fill(catalogue: Catalogue, folder: Path, progress: Progress) -> None:
    for name, location in catalogue.locations().items():
        catalogue.locate(name, _found(folder / name, location))
    for data_set in _data_sets(folder):
        if data_set.name not in catalogue.locations():
            _bring(catalogue, data_set, progress)
    if not catalogue.locations():
        raise InvalidInput(f"There is no {CATALOGUE}, and neither {' nor '.join(TABLES)}.")


def _found(place: Path, known: str) -> str:
    if place.is_dir():
        return str(place.absolute())
    if known.startswith(_BUCKET):
        return known
    raise InvalidInput(f"The catalogue knows a data set {place.name}, of which there is no folder of that name.")


def _data_sets(folder: Path) -> Iterator[Path]:
    """Yield the folders with a table, in the same order each time, as speakers are dealt to splits in it."""
    for place in (folder.absolute(), *sorted(each for each in folder.absolute().iterdir() if each.is_dir())):
        if any((place / table).exists() for table in TABLES):
            yield place


def _bring(catalogue: Catalogue, data_set: Path, progress: Progress) -> None:
    for source in sources(data_set.name, str(data_set), [], "", ""):
        imported = import_table(catalogue, source, Shares(), progress.show)
        progress.end()
        show_imported(imported)


def main() -> None:
    """Read the command line, and gather."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of data sets")
    parser.add_argument("out", type=Path, help="the catalogue to write")
    told = parser.parse_args()
    try:
        gather(told.folder, told.out, Progress(sys.stderr))
    except (OSError, Problem) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
