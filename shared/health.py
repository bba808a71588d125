"""Live and ready: live is the process, ready is true only after every part has loaded and warmed up."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from shared.problems import Unavailable


class Health:
    """What keeps this process from being ready. A part is named before it loads and cleared when it is warm."""

    def __init__(self) -> None:
        self._waiting: dict[str, str] = {"start": "starting"}

    def wait_for(self, part: str, reason: str) -> None:
        """Say that `part` is not ready, and why."""
        self._waiting[part] = reason

    def clear(self, part: str) -> None:
        """Say that `part` is ready."""
        self._waiting.pop(part, None)

    @property
    def waiting(self) -> dict[str, str]:
        """Parts that are not ready, with reasons."""
        return dict(self._waiting)

    def require_ready(self) -> None:
        """Raise Unavailable unless every part is ready."""
        if self._waiting:
            parts = ", ".join(f"{part}: {reason}" for part, reason in self._waiting.items())
            raise Unavailable(f"Not ready yet ({parts}). Try again shortly.")


def get_health(request: Request) -> Health:
    """Return the health of the app that answers this request."""
    health: Health = request.app.state.health
    return health


HealthDependency = Annotated[Health, Depends(get_health)]


class HealthStatus(BaseModel):
    """Body of the health calls."""

    status: str


router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> HealthStatus:
    """Answer 200 as long as the process serves requests."""
    return HealthStatus(status="live")


@router.get("/health/ready", responses={503: {"description": "A part is not ready"}})
async def ready(health: HealthDependency) -> HealthStatus:
    """Answer 200 only after load and warm-up, else 503 with the parts that are missing."""
    health.require_ready()
    return HealthStatus(status="ready")


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(request.app.state.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
