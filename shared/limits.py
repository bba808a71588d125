"""Bounds on request bodies, kept while they are read: the second line behind nginx's own."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.handlers import problem_response
from shared.problems import Problem, TimedOut, TooLarge


class LimitBody:
    """ASGI middleware that answers 413 as soon as a body is known to be longer than `max_bytes`.

    A sender that is silent for `max_wait_seconds` in the middle of its body is given up, so that it holds nothing.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_wait_seconds: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_wait_seconds = max_wait_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._announced_bytes(scope) > self._max_bytes:
            await problem_response(self._too_large())(scope, receive, send)
        else:
            await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        received_bytes, is_whole = 0, False

        async def counted() -> Message:
            nonlocal received_bytes, is_whole
            message = await (receive() if is_whole else self._next_piece(receive))
            is_whole = not message.get("more_body")
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._max_bytes:
                raise self._too_large()
            return message

        return counted

    async def _next_piece(self, receive: Receive) -> Message:
        try:
            async with asyncio.timeout(self._max_wait_seconds):
                return await receive()
        except TimeoutError as error:
            raise TimedOut(f"No more of the request's body came for {self._max_wait_seconds:g} seconds.") from error

    def _too_large(self) -> Problem:
        return TooLarge(f"The request body is larger than {self._max_bytes} bytes.", limit=self._max_bytes)

    @staticmethod
    def _announced_bytes(scope: Scope) -> int:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return int(lengths[0]) if lengths and lengths[0].isdigit() else 0
