"""Dependencies on what the lifespan yielded: `Annotated[Speaker, Depends(from_state("speaker"))]`."""

from collections.abc import Callable
from typing import Any

from fastapi import Request


def from_state(name: str) -> Callable[[Request], Any]:
    """Return a dependency that gives the member `name` of the app's typed state."""

    async def member(request: Request) -> Any:  # async, as FastAPI hands plain functions to a thread each time
        return getattr(request.state, name)

    return member
