"""Errors as AWS's clients read them: a name of the service's model, and words."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from gateway.aws.contract import Contract
from shared.logs import request_id
from shared.problems import Busy, Problem, Unavailable

_STATUSES = {
    "AccessDeniedException": 403,
    "IncompleteSignatureException": 403,
    "InvalidSignatureException": 403,
    "MissingAuthenticationTokenException": 403,
    "UnrecognizedClientException": 403,
    "RequestEntityTooLargeException": 413,
    "ServiceUnavailableException": 503,
}
"""Of errors that all services share, and no model tells; others are 400."""
_EVERYWHERE: Mapping[type[Problem], str] = {Busy: "ThrottlingException", Unavailable: "ServiceUnavailableException"}


class Fault(Exception):
    """An error with a name of the service's model (`LexiconNotFoundException`), or of AWS's common ones."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def fault_of(problem: Problem, names: Mapping[type[Problem], str], invalid: str, failure: str) -> Fault:
    """Return a problem under the name it has in a service: the one of its nearest kind that `names` tells.

    A client's fault that is not among them is `invalid`, one of ours `failure`.
    """
    known = {**_EVERYWHERE, **names}
    for kind in type(problem).__mro__:
        if kind in known:
            return Fault(known[kind], problem.detail)
    return Fault(invalid if problem.status < 500 else failure, problem.detail)


def fault_response(fault: Fault, contract: Contract | None, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer: the error's name in header and body, as one service or another reads it."""
    status = _STATUSES.get(fault.code) or (contract.status_of(fault.code) if contract else None) or 400
    body = {"__type": fault.code, "message": fault.message, "Message": fault.message}
    named = {"x-amzn-ErrorType": fault.code, "x-amzn-RequestId": request_id.get(), **(headers or {})}
    media_type = contract.media_type if contract else "application/x-amz-json-1.1"
    return Response(orjson.dumps(body), status, named, media_type=media_type)
