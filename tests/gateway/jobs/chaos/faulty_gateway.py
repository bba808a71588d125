"""The gateway, with points to die at (faults.py)."""

from collections.abc import AsyncGenerator
from typing import Any

from dbos import DBOSClient
from fastapi import FastAPI

from gateway import app
from gateway.jobs import kept, routes
from gateway.jobs.submission import Submitter
from tests.gateway.jobs.chaos.faults import after, before, passing


def create_app() -> FastAPI:
    """Return the gateway's app."""
    after(DBOSClient, "enqueue_in_transaction", "submitting")
    after(Submitter, "_write", "submitted")
    before(DBOSClient, "update_workflow_attributes_async", "cancel-asked")
    before(DBOSClient, "cancel_workflow_async", "cancel-marked")
    after(DBOSClient, "cancel_workflow_async", "cancelled")
    kept.chunks_of = _breaking(kept.chunks_of, "sending")  # type: ignore[assignment]
    routes.events = _breaking(routes.events, "following")
    return app.create_app()


def _breaking(stream: Any, point: str) -> Any:
    async def pieces(*given: Any) -> AsyncGenerator[bytes, None]:
        async for piece in stream(*given):
            yield piece
            passing(point)

    return pieces
