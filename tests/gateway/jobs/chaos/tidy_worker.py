"""The worker, but what is stored too late for a job is swept up within a minute."""

from fastapi import FastAPI

from gateway.jobs import takeover, upkeep, worker


def create_app() -> FastAPI:
    """Return the worker's app."""
    takeover.LATE_SECONDS = upkeep.LATE_SECONDS = 60.0
    return worker.create_app()
