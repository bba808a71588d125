"""The job book, as the gateway opens it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from dbos import DBOS, DBOSClient

from gateway.jobs.admission import Admission
from gateway.jobs.book import JobBook
from gateway.jobs.database import open_engine
from gateway.jobs.room import Room
from gateway.jobs.serialise import JsonSerializer
from gateway.jobs.submission import Submitter
from gateway.settings import GatewaySettings


@asynccontextmanager
async def opened_book(settings: GatewaySettings, admission: Admission) -> AsyncIterator[JobBook]:
    """Yield the job book; its database is made if it is new."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    engine = open_engine(settings.database, durable=True)
    await asyncio.to_thread(DBOS.migrate, engine.url.render_as_string(hide_password=False))
    client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer(), retry_connection_errors=False)
    submitter = Submitter(client, engine)
    room = Room(client, settings.jobs_waiting, settings.jobs_per_key)
    try:
        async with submitter.running():
            yield JobBook(client, submitter, room, admission, timedelta(days=settings.retention_days))
    finally:
        await asyncio.to_thread(client.destroy)
        engine.dispose()
