"""An operation's result as its service's protocol writes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from botocore.model import OperationModel
from starlette.responses import Response

from gateway.aws.contract import Contract
from shared.logs import request_id

Members = dict[str, Any]
Answer = Members | Response
"""Members as the contract names them, or, where sound is streamed, an answer that is ready."""


def written(answer: Answer, operation: OperationModel, contract: Contract) -> Response:
    """Return the answer to a client. Members that are None are left out."""
    if isinstance(answer, Response):
        answer.headers["x-amzn-RequestId"] = request_id.get()
        return answer
    headers = {"x-amzn-RequestId": request_id.get()}
    has_body = operation.output_shape is not None or contract.is_rest
    body = orjson.dumps(_plain(answer)) if has_body else b""
    return Response(body, operation.http.get("responseCode", 200), headers, media_type=contract.media_type)


def _plain(value: Any) -> Any:
    """Return what JSON has for a value: a moment is seconds since 1970, with milliseconds."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return round(value.timestamp(), 3) if isinstance(value, datetime) else value
