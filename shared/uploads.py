"""Calls that take a file in a form (multipart/form-data), as OpenAI's clients send it.

The form is a pydantic model with a `file: UploadFile`, taken as `Annotated[TheForm, Form(media_type=FORM)]`. What a
form may hold stands in `shared.app`, how large a body may be in `shared.limits`.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

FORM: Final = "multipart/form-data"


class SlotFirst(APIRoute):
    """Takes one of the app's `slots` before the body is read, so that no more files are held than there are slots."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, within a slot; it raises Busy when there is none."""
        handle = super().get_route_handler()

        async def with_slot(request: Request) -> Response:
            async with request.state.slots.take():
                return await handle(request)

        return with_slot
