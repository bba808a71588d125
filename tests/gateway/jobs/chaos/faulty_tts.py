"""The TTS service, with points to die at (faults.py): when it was `asked` for speech, and while it is `answering`."""

from typing import Any

from fastapi import FastAPI

from services.tts import app
from tests.gateway.jobs.chaos.faults import passing


def create_app() -> FastAPI:
    """Return the service's app."""
    made = app.create_app()
    made.add_middleware(_Mortal)
    return made


class _Mortal:
    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            await send(message)
            if message["type"] == "http.response.body" and message.get("more_body"):
                passing("answering")

        if scope.get("path") == "/v1/audio/speech":
            passing("asked")
            await self._app(scope, receive, sending)
        else:
            await self._app(scope, receive, send)
