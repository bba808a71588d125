"""The job book, as the gateway opens it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from fastapi import FastAPI, Request, Response

from gateway.jobs.admission import Admission
from gateway.jobs.book import JobBook
from gateway.jobs.database import open_engine, problem_of
from gateway.jobs.endings import Endings
from gateway.jobs.room import Room
from gateway.jobs.serialise import JsonSerializer
from gateway.jobs.submission import Submitter
from gateway.settings import GatewaySettings
from shared.handlers import problem_response

_log = logging.getLogger("timbre.jobs")


@asynccontextmanager
async def opened_book(settings: GatewaySettings, admission: Admission) -> AsyncIterator[JobBook]:
    """Yield the job book; its database is made if it is new."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    engine = open_engine(settings.database)
    await asyncio.to_thread(DBOS.migrate, engine.url.render_as_string(hide_password=False))
    client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer(), retry_connection_errors=False)
    submitter, endings = Submitter(client, engine), Endings(client)
    room = Room(client, settings.jobs_waiting, settings.jobs_per_key)
    try:
        async with submitter.running(), endings.running():
            yield JobBook(client, submitter, endings, room, admission, timedelta(days=settings.retention_days))
    finally:
        await asyncio.to_thread(client.destroy)
        engine.dispose()


def report_database(app: FastAPI) -> None:
    """Make `app` answer what the database of jobs cannot do just now with a problem."""
    app.add_exception_handler(sa.exc.SQLAlchemyError, _on_database_error)


async def _on_database_error(_: Request, error: Exception) -> Response:
    problem = problem_of(error)
    _log.warning("the database of jobs failed with %s: %s", type(error).__name__, problem.slug)
    return problem_response(problem)
