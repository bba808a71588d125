"""Copy a voice's recordings from a bucket, and their tables: `python -m training.voices.fetch s3://bucket FOLDER`.

The steps of a recipe then share one copy. A call that broke off goes on: only what is missing is copied.
"""

import argparse
import sys
from pathlib import Path

from shared.command_line import status_of
from shared.objects import ObjectStore, open_objects
from shared.objects.folder import FolderObjects
from shared.text.document import EMOTIONS
from training.voices.corpus import read_corpus
from training.voices.table import MOST_TABLE_BYTES, TABLE


def fetch(location: str, folder: Path) -> int:
    """Copy all that the tables name, then the tables; return how many recordings there are.

    Lines that cannot be used are for the check to report. Raises what `read_corpus` raises.
    """
    corpus = read_corpus(location, folder)
    _copy_tables(open_objects(location), folder)
    return len(corpus.recordings)


def _copy_tables(objects: ObjectStore, folder: Path) -> None:
    for key in (TABLE, *(f"{emotion}/{TABLE}" for emotion in EMOTIONS)):
        if objects.exists(key):
            FolderObjects(folder).put(key, objects.get(key, limit_bytes=MOST_TABLE_BYTES))


def main() -> int:
    """Read the command line and copy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("location", help="s3://bucket/prefix")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()

    def run() -> int:
        sys.stdout.write(f"{fetch(chosen.location, chosen.folder)} recordings\n")
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
