"""Serving one module's app. The command is a module of its own, which no process that is started here runs again."""

import importlib
import os

import uvicorn

from shared import logs
from shared.settings import ServiceSettings

MOST_MESSAGE_BYTES = 1_048_576
"""Largest message of a websocket that is read at all."""


def serve(name: str) -> None:
    """Import the module of that name, make its app, serve it until SIGTERM."""
    # Work is spread by slots; threads of numpy's own, which read this when it is imported, would only get in their way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    module = importlib.import_module(name)
    settings = ServiceSettings()
    logs.configure(settings.log_level, module.__name__.removesuffix(".app"))
    uvicorn.run(
        module.create_app(),
        host=settings.listen_host,
        port=settings.listen_port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        ws_max_size=MOST_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # sound does not get smaller by it
        timeout_keep_alive=75,  # longer than nginx keeps an upstream connection, so that nginx closes first
    )
