"""The worker, but in a hurry: what takes a minute until it is given up, or seven, takes seconds."""

from fastapi import FastAPI

from gateway.jobs import running, worker
from shared.objects import s3


def create_app() -> FastAPI:
    """Return the worker's app."""
    running.RETRIES["interval_seconds"] = 0.02
    assert s3.connect.__kwdefaults__
    s3.connect.__kwdefaults__["read_timeout_seconds"] = 1
    return worker.create_app()
