"""What an operation is given, gathered from path, query and body."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from botocore.model import ListShape, OperationModel, Shape, StructureShape

from gateway.aws.values import Invalid, structure
from shared.problems import Json

_MOST_DIGITS = 18
"""Of whole numbers in a query."""


def parameters(
    operation: OperationModel, path: Mapping[str, str], query: Sequence[tuple[str, str]], body: bytes
) -> dict[str, Any]:
    """Return the operation's members as Python has them: numbers, datetimes, bytes. Members it has not are left out.

    Members in the query are those that the contract puts there, and all of them where there is no body, as presigned
    addresses have it. Raises Invalid.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    raw = {**_told(shape, query, not body), **_json(body), **_in_path(shape, path)}
    return structure(shape, raw)


def _in_path(shape: StructureShape, path: Mapping[str, str]) -> dict[str, Json]:
    return {name: path[_wire(name, member)] for name, member in _located(shape, "uri") if _wire(name, member) in path}


def _told(shape: StructureShape, query: Sequence[tuple[str, str]], presigned: bool) -> dict[str, Json]:
    members = [(name, member) for name, member in shape.members.items() if _place(member) in {"querystring", None}]
    found = ((name, member, [value for key, value in query if key == _wire(name, member)]) for name, member in members)
    return {
        name: _of_text(member, values)
        for name, member, values in found
        if values and (presigned or _place(member) == "querystring")
    }


def _of_text(shape: Shape, values: list[str]) -> Json:
    """Return what JSON would have had in place of a query's text."""
    if isinstance(shape, ListShape):
        return list(values)
    value = values[-1]
    if shape.type_name in {"integer", "long"} and re.fullmatch(rf"-?\d{{1,{_MOST_DIGITS}}}", value):
        return int(value)
    if shape.type_name == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value


def _json(body: bytes) -> dict[str, Json]:
    if not body:
        return {}
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid("The body is not JSON.") from error
    if not isinstance(read, dict):
        raise Invalid("The body must be a JSON object.")
    return read


def _located(shape: StructureShape, place: str) -> Iterable[tuple[str, Shape]]:
    return ((name, member) for name, member in shape.members.items() if _place(member) == place)


def _place(shape: Shape) -> str | None:
    return shape.serialization.get("location")


def _wire(name: str, shape: Shape) -> str:
    return str(shape.serialization.get("name", name))
