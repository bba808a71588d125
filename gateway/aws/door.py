"""Where AWS's clients come in: each call is verified, read, done, and answered in its service's dialect."""

from collections.abc import Awaitable, Callable
from functools import partial

from botocore.model import OperationModel
from fastapi import APIRouter, Request, Response

from gateway.aws.call import Call, Download, Offered
from gateway.aws.callers import scope_of
from gateway.aws.canonical import SIGNATURE, SignedRequest
from gateway.aws.contract import Contract, contract_of
from gateway.aws.faults import Fault, fault_of, fault_response
from gateway.aws.offers import DOWNLOADS, OFFERS
from gateway.aws.reading import parameters
from gateway.aws.signature import Scope, verified
from gateway.aws.writing import written
from gateway.key_store import KeyStore
from gateway.upstream import Relayed
from shared.handlers import problem_response
from shared.problems import Problem

_PATHS = ("/v1/speech", "/v1/voices", "/v1/lexicons", "/v1/synthesisTasks", "/v1/synthesisStream")
_PREFIXES = ("polly", "comprehend", "transcribe", "aws")
_METHODS = ["GET", "POST", "PUT", "DELETE"]
_CALLER = "X-Timbre-Key"
"""Tells NGINX whose call it was, for its log; it goes no further."""


def aws_router(keys: KeyStore) -> APIRouter:
    """Return the routes of AWS's services."""
    router = APIRouter(include_in_schema=False)
    for path, download in DOWNLOADS.items():  # before the paths that take all that is left
        router.add_api_route(path, _door(partial(_downloaded, keys, download)), methods=["GET"], response_model=None)
    calls = _door(partial(_answer, keys))
    router.add_api_route("/", calls, methods=["POST"], response_model=None)
    paths = [*_PATHS, *(f"{path}/{{_:path}}" for path in _PATHS)]
    paths += [f"/{prefix}{rest}" for prefix in _PREFIXES for rest in ("", "/{_:path}")]
    for path in paths:
        router.add_api_route(path, calls, methods=_METHODS, response_model=None)
    return router


def _door(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], object]:
    async def door(request: Request) -> Response:
        try:
            return await answer(request)
        except Fault as fault:
            return fault_response(fault, None)
        except Problem as problem:  # of the body, before anybody knows whose it is
            return fault_response(fault_of(problem, {}, "ValidationException", "InternalFailure"), None)

    return door


async def _downloaded(keys: KeyStore, download: Download, request: Request) -> Response:
    """Answer who has a presigned address of ours, as AWS's own need no client of AWS's either."""
    scope = verified(await _signed(request), keys.signing_secret)
    try:
        response = await download(request, scope.key_id)
    except Problem as problem:
        response = problem_response(problem)
    response.headers[_CALLER] = scope.key_id
    return response


async def _answer(keys: KeyStore, request: Request) -> Response:
    signed = await _signed(request)
    scope = scope_of(signed, keys, tuple(OFFERS))
    if scope.service not in OFFERS:
        raise Fault(
            "UnknownOperationException", f"Call one of {', '.join(OFFERS)}: a signature names it, or X-Amz-Target."
        )
    contract, offered = contract_of(scope.service), OFFERS[scope.service]
    try:
        response = await _done(request, signed, scope, contract, offered)
    except Fault as fault:
        response = fault_response(fault, contract)
    except Problem as problem:
        response = _told(problem, contract, offered)
    except Relayed as relayed:
        response = _told(relayed.problem, contract, offered)
    response.headers[_CALLER] = scope.key_id
    return response


async def _signed(request: Request) -> SignedRequest:
    path = request.scope.get("raw_path") or request.url.path.encode()
    return SignedRequest(
        request.method, path, request.scope["query_string"], tuple(request.headers.raw), await request.body()
    )


async def _done(
    request: Request, signed: SignedRequest, scope: Scope, contract: Contract, offered: Offered
) -> Response:
    operation, path = _operation(signed, contract, offered)
    given = parameters(operation, path, signed.parameters(), signed.body)
    call = Call(scope.key_id, scope.region, given, request)
    return written(await offered.operations[operation.name](call), operation, contract)


def _operation(signed: SignedRequest, contract: Contract, offered: Offered) -> tuple[OperationModel, dict[str, str]]:
    """Return what is asked for, and the members that are in its path. Raises Fault for what is not offered."""
    if contract.is_rest:
        name, path = _found(contract, signed) or ("", {})
        operation = contract.operation(name)
    else:
        operation, path = contract.targeted(signed.header("x-amz-target") or ""), {}
    if operation is None:
        raise Fault("UnknownOperationException", f"There is no such operation. {_offered(offered)}")
    if operation.name not in offered.operations:
        raise Fault(offered.invalid, f"{operation.name} is not offered here. {_offered(offered)}")
    return operation, path


def _found(contract: Contract, signed: SignedRequest) -> tuple[str, dict[str, str]] | None:
    """Return the operation by method and path; a presigned address is fetched with GET, whatever it is for."""
    path = _own_path(signed)
    found = contract.paths.find(signed.method, path)
    is_presigned = signed.method == "GET" and any(name == SIGNATURE for name, _ in signed.parameters())
    return contract.paths.find("POST", path) if is_presigned and not found else found


def _offered(offered: Offered) -> str:
    return f"Timbre has {', '.join(offered.operations)}."


def _own_path(signed: SignedRequest) -> str:
    """Return the path as the service knows it: without what an endpoint's address has before it."""
    path = signed.path.decode("latin-1")
    for prefix in ("/aws", "/polly"):
        path = path.removeprefix(prefix) if path.startswith(prefix + "/") else path
    return path


def _told(problem: Problem, contract: Contract, offered: Offered) -> Response:
    fault = fault_of(problem, offered.errors, offered.invalid, offered.failure)
    return fault_response(fault, contract, problem.headers())
