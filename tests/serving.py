"""An app in this process or behind a real socket in another thread, and schemathesis against its own description."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import Message, Receive, Scope, Send

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@asynccontextmanager
async def in_process(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start `app` for the block; yield a client that calls it without a socket: answers come whole."""
    async with app.router.lifespan_context(app) as state, calling(app, dict(state)) as http:
        yield http


@asynccontextmanager
async def calling(app: FastAPI, state: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that calls `app`, whose lifespan gave this state, without a socket."""

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://timbre", timeout=60) as http:
        yield http


async def sent_to_one_who_leaves(
    http: httpx.AsyncClient, request: httpx.Request, until: Callable[[], Awaitable[object]]
) -> list[Message]:
    """Send a request to the app in this process, leave once `until` returns, and return what the app sent."""
    messages = [{"type": "http.request", "body": request.read()}]
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await until()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": request.method,
        "path": request.url.path,
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }
    await http._transport.app(scope, receive, send)
    return sent


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve `app` for the block; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def keeps_its_word(address: str, examples: int = 30, headers: dict[str, str] | None = None) -> None:
    """Call every operation of the service at `address` with good and bad input: no 5xx, no schema break."""
    description = schemathesis.openapi.from_url(f"{address}/openapi.json")
    for operation in (result.ok() for result in description.get_all_operations()):

        @given(case=operation.as_strategy())
        @settings(max_examples=examples, deadline=None)
        def one_call(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers=headers)

        one_call()
