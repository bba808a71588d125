"""Dependencies on what the lifespan yielded: `Annotated[Speaker, Depends(from_state("speaker"))]`."""

from collections.abc import Callable
from typing import Any

from starlette.requests import HTTPConnection


def from_state(name: str) -> Callable[[HTTPConnection], Any]:
    """Return a dependency that gives the member `name` of the app's typed state."""

    async def member(
        connection: HTTPConnection,
    ) -> Any:  # async, as FastAPI hands plain functions to a thread each time
        return getattr(connection.state, name)

    return member
