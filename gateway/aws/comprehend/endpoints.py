"""The endpoints that classify documents: they are there from the start, and nobody makes or removes them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.aws.call import Call
from gateway.aws.faults import Fault
from gateway.aws.paging import page
from gateway.aws.writing import Members
from gateway.texts import Labels

_PAGE = 100
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
"""AWS's clients sort and filter by a time; an endpoint that came with Timbre has none of its own."""
_RESOURCE = re.compile(r"arn:[^:]+:comprehend:[^:]*:[^:]+:document-classifier-endpoint/([^:/]+)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, by the emotions that it tells."""

    name: str
    labels: Labels
    is_multi_label: bool
    """Whether several may hold at once, so that the answer has `Labels` and not `Classes`."""


_ENDPOINTS = {
    one.name: one
    for one in (
        Endpoint("emotion", "ekman", is_multi_label=False),
        Endpoint("goemotions", "goemotions", is_multi_label=True),
    )
}


def endpoint_at(arn: str) -> Endpoint | None:
    """Return the endpoint of that name, in whatever region and account; None for one that is not here."""
    found = _RESOURCE.fullmatch(arn)
    return _ENDPOINTS.get(found[1]) if found else None


def unknown_endpoint(code: str) -> Fault:
    """Return what is said of an endpoint that is not here."""
    return Fault(
        code, f"There is no such endpoint. Timbre has document-classifier-endpoint/{' and /'.join(_ENDPOINTS)}."
    )


async def describe_endpoint(call: Call) -> Members:
    """Describe one. Raises Fault."""
    endpoint = endpoint_at(call.parameters["EndpointArn"])
    if endpoint is None:
        raise unknown_endpoint("ResourceNotFoundException")
    return {"EndpointProperties": _properties(call, endpoint)}


async def list_endpoints(call: Call) -> Members:
    """List all that the filter lets through. Raises InvalidToken."""
    chosen = call.parameters.get("Filter", {})
    found = [
        one for one in (_properties(call, endpoint) for endpoint in _ENDPOINTS.values()) if _is_chosen(one, chosen)
    ]
    size = call.parameters.get("MaxResults", _PAGE)
    shown, following = page(found, lambda one: str(one["EndpointArn"]), call.parameters.get("NextToken"), size)
    return {"EndpointPropertiesList": shown, "NextToken": following}


def _properties(call: Call, endpoint: Endpoint) -> Members:
    model = call.arn("comprehend", f"document-classifier/{endpoint.name}")
    return {
        "EndpointArn": call.arn("comprehend", f"document-classifier-endpoint/{endpoint.name}"),
        "Status": "IN_SERVICE",
        "ModelArn": model,
        "DesiredModelArn": model,
        "DesiredInferenceUnits": 1,
        "CurrentInferenceUnits": 1,
        "CreationTime": _SINCE,
        "LastModifiedTime": _SINCE,
    }


def _is_chosen(properties: Members, chosen: dict[str, Any]) -> bool:
    same = all(properties[name] == chosen[name] for name in ("ModelArn", "Status") if name in chosen)
    after, before = chosen.get("CreationTimeAfter", _SINCE), chosen.get("CreationTimeBefore", _SINCE)
    return same and bool(after <= properties["CreationTime"] <= before)
