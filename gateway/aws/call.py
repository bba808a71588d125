"""One call of an operation: who called, and with what."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from gateway.aws.writing import Answer
from gateway.dependencies import State
from gateway.upstream import Service
from shared.logs import request_id
from shared.problems import NotServed, Problem

ACCOUNT = "000000000000"
"""A Timbre is one account."""


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given."""

    caller: str
    """The id of the API key whose secret signed the request."""
    region: str
    """For which it was signed: it stands in the names that answers give."""
    parameters: dict[str, Any]
    """By the contract's names, and as it has them; members that were not sent are not there."""
    request: Request

    @property
    def state(self) -> State:
        """What the gateway's calls share."""
        return cast(State, self.request.scope["state"])

    def arn(self, service: str, resource: str) -> str:
        """Return the name of a resource, as AWS writes it."""
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{resource}"

    def service(self, name: str) -> Service:
        """Return a service behind the gateway (`tts`, `stt`, `sentiment`), as called for this request.

        Raises NotServed where this Timbre has none.
        """
        url = getattr(self.state["settings"], f"{name}_url")
        if not url:
            raise NotServed(f"This Timbre runs no {name} service.")
        headers = {"X-Request-Id": request_id.get(), "X-Timbre-Key": self.caller}
        return Service(name, url, self.state["session"], headers)


Download = Callable[[Request, str], Awaitable[Response]]
"""Answers a presigned address of ours, for the key that it was made for."""
Operation = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Offered:
    """One of AWS's services as it is offered here."""

    operations: Mapping[str, Operation]
    invalid: str
    """The error for a request that cannot be understood."""
    failure: str
    """The error for what is our fault."""
    errors: Mapping[type[Problem], str]
    """The errors for problems that have names of their own."""
