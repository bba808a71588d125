"""Calls that take a file in a form (multipart/form-data), as OpenAI's clients send it.

The form is a pydantic model with a `file: UploadFile`, taken as `Annotated[TheForm, Form(media_type=FORM)]`. What a
form may hold stands in `shared.app`, how large a body may be in `shared.limits`.
"""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from shared.problems import InvalidInput

FORM: Final = "multipart/form-data"


class SlotFirst(APIRoute):
    """Takes one of the app's `slots` before the body is read, so that no more files are held than there are slots.

    It is given back when the answer has been sent: an answer may be a stream, behind which the work still goes on.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, within a slot; it raises Busy when there is none, InvalidInput for other bodies."""
        handle = super().get_route_handler()

        async def with_slot(request: Request) -> Response:
            if not request.headers.get("content-type", "").lower().startswith(FORM):
                raise InvalidInput(f"Send a form ({FORM}) with the recording as its part `file`.")
            async with AsyncExitStack() as slot:
                await slot.enter_async_context(request.state.slots.take())
                return _Releasing(await handle(request), slot.pop_all())

        return with_slot


class _Releasing(Response):
    """An answer, and what is let go once it has been sent or its client has left."""

    def __init__(self, answer: Response, held: AsyncExitStack) -> None:
        self._answer, self._held = answer, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        async with self._held:
            await self._answer(scope, receive, send)
