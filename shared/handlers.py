"""One place that turns errors into problem details."""

import errno
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

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
_CLOSE_CODES = {400: 1003, 415: 1003, 429: 1013, 500: 1011, 503: 1013}
"""Of websockets, by a problem's status (IANA's registry): unsupported data, try again later, internal error."""
_POLICY_VIOLATION = 1008
NO_SUCH_ADDRESS = "No such address. The base URL of OpenAI's clients ends in /v1; docs/api.md says what else exists."
_PLAINER = {
    "json_invalid": "this is no JSON",
    "model_attributes_type": "send a JSON object, with the header Content-Type: application/json",
}
"""What callers read in place of pydantic's words, by its rule."""
_LONG_PART = "Part exceeded maximum size"
"""How Starlette begins its words for a form's field that is too long."""
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
    app.add_exception_handler(WebSocketRequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(WebSocketDisconnect, _on_hanging_up)


async def _on_problem(connection: HTTPConnection, problem: Exception) -> Any:
    assert isinstance(problem, Problem)
    if not isinstance(connection, WebSocket):
        return problem_response(problem)
    await _end(connection, problem)
    return None  # Starlette sends no response then


async def _end(websocket: WebSocket, problem: Problem) -> None:
    """Tell a problem in a websocket and close it. One that is not open yet is opened, as browsers see nothing else."""
    if websocket.application_state is WebSocketState.CONNECTING:
        await websocket.accept()
    told = {"type": "problem", "problem": problem.body()}
    await websocket.send_text(orjson.dumps(told).decode())
    await websocket.close(_CLOSE_CODES.get(problem.status, _POLICY_VIOLATION))


async def _on_validation_error(connection: HTTPConnection, error: Exception) -> Any:
    assert isinstance(error, RequestValidationError | WebSocketRequestValidationError)
    errors: list[Json] = [_describe(one) for one in error.errors()]
    first = error.errors()[0]
    where = _where(first)
    detail = f"{where or 'body'}: {_PLAINER.get(first['type'], first['msg'])}"
    return await _on_problem(connection, InvalidInput(detail, param=where or None, errors=errors))


def _describe(error: dict[str, Any]) -> Json:
    """Name the member and the rule, without the value: it is the user's."""
    return {"param": _where(error), "rule": str(error["type"]), "message": str(error["msg"])}


def _where(error: dict[str, Any]) -> str:
    if error["type"] == "json_invalid":  # a byte of the body, and no member
        return ""
    return ".".join(str(part) for part in error["loc"][1:])


async def _on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and error.__cause__:  # FastAPI hides so what stopped the reading of a body
        return _unread(error.__cause__)
    known: dict[int, Problem] = {
        404: NotFound(NO_SUCH_ADDRESS),
        405: MethodNotAllowed("This address does not take this method."),
        413: TooLarge("The request body is larger than the limit."),
        415: UnsupportedMedia("This content type is not taken here."),
    }
    hint = " Is it a file without a filename?" if error.detail.startswith(_LONG_PART) else ""
    unknown = InvalidInput(
        f"The request body could not be read: {error.detail}{hint}"
    )  # the framework's words, no value
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


async def _on_hanging_up(_: HTTPConnection, __: Exception) -> None:
    """The client has left its websocket: there is nobody to answer."""
