"""The database and the store that tests of jobs share."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from dbos import DBOS, DBOSClient

from gateway.jobs.database import open_engine
from gateway.jobs.kept import Kept
from gateway.jobs.serialise import JsonSerializer
from gateway.speaker.opened import open_predictions
from shared.objects import ObjectStore
from tests.gateway.jobs.stack import SERVICES, Stack, running


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database."""
    engine = open_engine(str(tmp_path / "state" / "jobs.sqlite"))
    yield engine
    engine.dispose()


@pytest.fixture
async def client(engine: sa.Engine) -> DBOSClient:
    """A client of the job engine, whose tables are there."""
    await asyncio.to_thread(DBOS.migrate, engine.url.render_as_string(hide_password=False))
    return DBOSClient(system_database_engine=engine, serializer=JsonSerializer(), retry_connection_errors=False)


@pytest.fixture
def kept(objects: ObjectStore, tmp_path: Path) -> Iterator[Kept]:
    with open_predictions(str(tmp_path / "predictions.sqlite"), timedelta(days=30)) as predictions:
        yield Kept(objects, predictions)


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The services that a test leaves alone, shared by all."""
    with running(tmp_path_factory.mktemp("engines"), *SERVICES) as stack:
        yield stack


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    """A client of the stack that the tests of a module, or a folder, have."""
    with stack.client() as http:
        yield http
