"""From a location as a user writes it to the catalogue there."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared.objects.location import folder_of
from training.speaker.data.catalogue import Catalogue

_DYNAMODB = "dynamodb://"


@contextmanager
def open_catalogue(location: str, *, create: bool = False) -> Iterator[Catalogue]:
    """Yield what is behind "dynamodb://table" or the path of a SQLite file, made where that is asked for.

    Raises InvalidInput, and NotFound for a file that is not there.
    """
    with closing(_dynamodb(location) if location.startswith(_DYNAMODB) else _sqlite(location, create)) as catalogue:
        yield catalogue


def record_of(location: str, folder: Path) -> Path:
    """Return where it is written down who is in which split: beside a SQLite file, or in the folder."""
    if location.startswith(_DYNAMODB):
        return folder / f"{location.removeprefix(_DYNAMODB)}.speakers.csv"
    return folder_of(location).with_suffix(".speakers.csv")


def _sqlite(location: str, create: bool) -> Catalogue:
    from training.speaker.data.sqlite import SQLiteCatalogue

    return SQLiteCatalogue(folder_of(location), create=create)


def _dynamodb(location: str) -> Catalogue:
    from shared.dynamodb import connect, table_of  # boto3 costs half a second
    from training.speaker.data.dynamodb import DynamoDBCatalogue

    return DynamoDBCatalogue(connect(attempts=8), table_of(location))
