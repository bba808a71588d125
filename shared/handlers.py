"""One place that turns errors into problem details."""

import errno
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.problems import (
    InvalidInput,
    Json,
    MethodNotAllowed,
    NotFound,
    Problem,
    StorageFull,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)

_CLIENT_CLOSED_REQUEST = 499
"""What nginx logs for a client that left; nobody receives it."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def problem_response(problem: Problem) -> Response:
    """Return `problem` as an answer."""
    return Response(
        orjson.dumps(problem.body()), problem.status, problem.headers(), media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every known error with a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)


async def _on_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem_response(problem)


async def _on_validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors: list[Json] = [_describe(one) for one in error.errors()]
    first = error.errors()[0]
    where = _where(first)
    return problem_response(InvalidInput(f"{where or 'body'}: {first['msg']}", param=where or None, errors=errors))


def _describe(error: dict[str, Any]) -> Json:
    """Name the member and the rule, without the value: it is the user's."""
    return {"param": _where(error), "rule": str(error["type"]), "message": str(error["msg"])}


def _where(error: dict[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"][1:])


async def _on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and error.__cause__:  # FastAPI hides so what stopped the reading of a body
        return _unread(error.__cause__)
    known: dict[int, Problem] = {
        404: NotFound("No such address. See docs/api.md for what exists."),
        405: MethodNotAllowed("This address does not take this method."),
        413: TooLarge("The request body is larger than the limit."),
        415: UnsupportedMedia("This content type is not taken here."),
    }
    unknown = InvalidInput(f"The request body could not be read: {error.detail}")  # the framework's words, no value
    response = problem_response(known.get(error.status_code, unknown))
    response.headers.update(error.headers or {})
    return response


def _unread(cause: BaseException) -> Response:
    """Answer for a body that could not be read to its end."""
    if isinstance(cause, ClientDisconnect):
        return Response(status_code=_CLIENT_CLOSED_REQUEST)
    if isinstance(cause, Problem):
        return problem_response(cause)
    if isinstance(cause, OSError):
        full = StorageFull("There is no room left to take the request in; try again later.")
        return problem_response(full if cause.errno in _NO_ROOM else Unavailable("The request could not be taken in."))
    return problem_response(InvalidInput("The request body could not be read."))


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)
