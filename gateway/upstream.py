"""Calls to the services behind the gateway, through one shared session."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPMethod
from typing import NamedTuple

import aiohttp
import orjson
from fastapi import FastAPI, Request, Response
from urllib3 import encode_multipart_formdata

from gateway.settings import GatewaySettings
from shared.problems import Json, Problem, TimedOut, Unavailable, problem_from

_PROBLEM = "application/problem+json"
_KEPT_HEADERS = ("Retry-After",)


class Relayed(Exception):
    """A service's own problem, handed on to the caller as it is."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(f"a service answered {status}")
        self.status = status
        self.body = body
        self.headers = {name: headers[name] for name in _KEPT_HEADERS if name in headers}

    @property
    def problem(self) -> Problem:
        """The problem as an exception of its own kind."""
        return problem_from(orjson.loads(self.body))

    @property
    def slug(self) -> str:
        """The last part of the problem's type, such as `busy`."""
        return str(orjson.loads(self.body).get("type", "")).rpartition(":")[2]


def relay_problems(app: FastAPI) -> None:
    """Make `app` answer a service's problem with that problem."""
    app.add_exception_handler(Relayed, _on_relayed)


async def _on_relayed(_: Request, relayed: Exception) -> Response:
    assert isinstance(relayed, Relayed)
    return Response(relayed.body, relayed.status, relayed.headers, media_type=_PROBLEM)


class Answer(NamedTuple):
    """A good answer, whole."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `headers` go with every call."""

    name: str
    url: str
    session: aiohttp.ClientSession
    headers: Mapping[str, str]
    timeout: aiohttp.ClientTimeout | None = None
    """Where its answers may take longer than those of others."""

    async def get(self, path: str) -> bytes:
        """Return the body of a good answer. Raises Relayed, Unavailable, TimedOut."""
        async with self.opened(HTTPMethod.GET, path) as answer:
            return await answer.read()

    async def post(self, path: str, body: Json) -> bytes:
        """Return the body of a good answer. Raises Relayed, Unavailable, TimedOut."""
        async with self.opened(HTTPMethod.POST, path, orjson.dumps(body)) as answer:
            return await answer.read()

    async def upload(self, path: str, file: bytes, fields: Iterable[tuple[str, str]] = ()) -> Answer:
        """Send a form with a file as its part `file`; return a good answer. Raises as `post`."""
        form, media_type = encode_multipart_formdata([*fields, ("file", ("file", file, "application/octet-stream"))])
        async with self.opened(HTTPMethod.POST, path, form, media_type) as answer:
            return Answer(await answer.read(), answer.headers)

    @asynccontextmanager
    async def opened(
        self, method: HTTPMethod, path: str, body: bytes | None = None, media_type: str = "application/json"
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield a good answer whose body is still to be read; leaving early ends the call on the service's side too.

        Raises Relayed for a problem of the service, Unavailable if it cannot be reached, TimedOut.
        """
        try:
            async with await self._answer(method, path, body, media_type) as answer:
                if not answer.ok:
                    raise await self._problem(answer)
                yield answer
        except aiohttp.SocketTimeoutError as error:
            raise TimedOut(f"The {self.name} service took too long.") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"The {self.name} service cannot be reached.") from error

    async def _answer(
        self, method: HTTPMethod, path: str, body: bytes | None, media_type: str
    ) -> aiohttp.ClientResponse:
        """Send the request; once more if a kept connection or a replica went away before it answered."""
        headers = {**self.headers, "Content-Type": media_type} if body is not None else self.headers
        timeout = self.timeout or self.session.timeout
        ask = partial(self.session.request, method, self.url + path, data=body, headers=headers, timeout=timeout)
        try:
            return await ask()
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
            return await ask()

    async def _problem(self, answer: aiohttp.ClientResponse) -> Exception:
        if answer.content_type == _PROBLEM:
            return Relayed(answer.status, await answer.read(), answer.headers)
        return Unavailable(f"The {self.name} service gave an answer that is not understood.")


@asynccontextmanager
async def services_session(settings: GatewaySettings) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield the session that all calls to services share."""
    connector = aiohttp.TCPConnector(limit=settings.connections, ttl_dns_cache=settings.dns_seconds)
    timeout = aiohttp.ClientTimeout(total=None, connect=settings.connect_seconds, sock_read=settings.call_seconds)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield session
