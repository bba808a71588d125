"""A bound on request bodies, kept while they are read: the second line behind nginx's own."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.handlers import problem_response
from shared.problems import Problem, TooLarge


class LimitBody:
    """ASGI middleware that answers 413 as soon as a body is known to be longer than `max_bytes`."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._announced_bytes(scope) > self._max_bytes:
            await problem_response(self._too_large())(scope, receive, send)
        else:
            await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> Problem:
        return TooLarge(f"The request body is larger than {self._max_bytes} bytes.", limit=self._max_bytes)

    @staticmethod
    def _announced_bytes(scope: Scope) -> int:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return int(lengths[0]) if lengths and lengths[0].isdigit() else 0
