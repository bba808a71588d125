"""A catalogue of each kind, empty, for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from tests.aws import running_aws, stack
from tests.started import ROOT
from training.speaker.data.catalogue import Catalogue
from training.speaker.data.importing import Imported, import_table
from training.speaker.data.opened import open_catalogue
from training.speaker.data.source import sources
from training.speaker.data.splits import Shares

TEMPLATE = ROOT / "deploy" / "aws" / "dataset.yaml"
Bring = Callable[..., list[Imported]]
SQLITE_ALONE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
"""For tests to which it is all the same where the catalogue is."""


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept beside the commands."""
    monkeypatch.setenv("TIMBRE_DATASET_CATALOGUE", str(tmp_path / "unused.sqlite"))
    monkeypatch.setenv("TIMBRE_DATASET_CACHE", str(tmp_path / "kept" / "clips"))


@pytest.fixture
def dynamodb(aws: str) -> str:
    """Where a table of the template is."""
    return stack(TEMPLATE, f"timbre-{token_hex(6)}")["Catalogue"]


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """Where a file may be."""
    return str(tmp_path / "state" / "catalogue.sqlite")


@pytest.fixture(params=["sqlite", "dynamodb"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def catalogue(place: str) -> Iterator[Catalogue]:
    with open_catalogue(place, create=True) as catalogue:
        yield catalogue


@pytest.fixture
def bring(catalogue: Catalogue) -> Bring:
    """Import a folder or bucket into the catalogue."""
    return lambda name, location, *tables, **said: bring_into(catalogue, name, location, *tables, **said)


def bring_into(
    catalogue: Catalogue,
    name: str,
    location: Path | str,
    *tables: str,
    licence: str = "",
    language: str = "",
    shares: Shares | None = None,
) -> list[Imported]:
    found = sources(name, str(location), list(tables), licence, language)
    return [import_table(catalogue, source, shares or Shares(), lambda share, doing: None) for source in found]
