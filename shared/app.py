"""The factory that makes every service's app: problems, health, metrics, request ids, limits."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI

from shared import handlers, health
from shared.limits import LimitBody
from shared.metrics import Metrics
from shared.observe import Observe
from shared.settings import ServiceSettings
from shared.version import VERSION

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def create_app(name: str, settings: ServiceSettings, routers: Sequence[APIRouter], lifespan: Lifespan) -> FastAPI:
    """Return the app of service `name`.

    `lifespan` yields the service's typed state, which becomes `request.state`; it clears the parts of
    `app.state.health` that it waited for.
    """
    app = FastAPI(
        title=f"Timbre {name}",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # an address with a slash behind it is another one, everywhere
        # One file and a few short fields: a form of more is none of ours.
        form_limits={"max_files": 1, "max_fields": 16, "max_part_size": 8_192},
    )
    app.state.health = health.Health()
    app.state.metrics = Metrics()
    handlers.install(app)
    app.include_router(health.router)
    for router in routers:
        app.include_router(router)
    app.add_middleware(LimitBody, max_bytes=settings.max_body_bytes, max_wait_seconds=settings.body_wait_seconds)
    app.add_middleware(Observe, metrics=app.state.metrics)
    return app
