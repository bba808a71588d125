"""What an operation is given, read from a request and held against its contract."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from shared.problems import InvalidInput, Json

OPEN = frozenset({"VoiceId", "LanguageCode"})
"""Lists of names that are AWS's own: ours are others, and each operation knows them."""
_DEEPEST = 32
_MOST_DIGITS = 18
"""Of whole numbers in a query."""


class Invalid(InvalidInput):
    """A member of a request that is not as the contract has it. Its words never hold the value."""


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
    return _structure(shape, raw, "")


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


def _structure(shape: StructureShape, raw: Json, where: str, depth: int = 0) -> dict[str, Any]:
    if not isinstance(raw, dict) or depth > _DEEPEST:
        raise Invalid(f"{where or 'The body'} must be a JSON object.", param=where or None)
    missing = [name for name in shape.required_members if raw.get(name) is None]
    if missing:
        raise Invalid(f"{_at(where, missing[0])} is missing.", param=_at(where, missing[0]))
    given = ((name, member) for name, member in shape.members.items() if raw.get(name) is not None)
    return {name: _value(member, raw[name], _at(where, name), depth) for name, member in given}


def _list(shape: ListShape, raw: Json, where: str, depth: int) -> list[Any]:
    if not isinstance(raw, list):
        raise Invalid(f"{where} must be a list.", param=where)
    _require_size(shape, len(raw), where, "members")
    return [_value(shape.member, one, f"{where}[{index}]", depth) for index, one in enumerate(raw)]


def _map(shape: MapShape, raw: Json, where: str, depth: int) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Invalid(f"{where} must be a JSON object.", param=where)
    _require_size(shape, len(raw), where, "members")
    return {_text(shape.key, key, where): _value(shape.value, raw[key], where, depth) for key in raw}


def _value(shape: Shape, raw: Json, where: str, depth: int) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, raw, where, depth + 1)
    if isinstance(shape, ListShape):
        return _list(shape, raw, where, depth + 1)
    if isinstance(shape, MapShape):
        return _map(shape, raw, where, depth + 1)
    return _SCALARS[shape.type_name](shape, raw, where)


def _text(shape: Shape, raw: Json, where: str) -> str:
    if not isinstance(raw, str):
        raise Invalid(f"{where} must be a string.", param=where)
    allowed = shape.metadata.get("enum")
    if allowed and shape.name not in OPEN and raw not in allowed:
        raise Invalid(f"{where} must be one of {', '.join(allowed)}.", param=where)
    _require_size(shape, len(raw), where, "characters")
    pattern = _compiled(shape.metadata.get("pattern", ""))
    if pattern and not pattern.fullmatch(raw):
        raise Invalid(f"{where} does not match the pattern {pattern.pattern}", param=where)
    return raw


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return AWS's pattern; None for none, and for the few that only Java reads."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None


def _number(kind: type[int] | type[float]) -> Callable[[Shape, Json, str], int | float]:
    def read(shape: Shape, raw: Json, where: str) -> int | float:
        if isinstance(raw, bool) or not isinstance(raw, int | kind):
            raise Invalid(f"{where} must be a{' whole' if kind is int else ''} number.", param=where)
        _require_size(shape, raw, where, "")
        return kind(raw)

    return read


def _boolean(_: Shape, raw: Json, where: str) -> bool:
    if not isinstance(raw, bool):
        raise Invalid(f"{where} must be true or false.", param=where)
    return raw


def _moment(_: Shape, raw: Json, where: str) -> datetime:
    try:
        if not isinstance(raw, str):
            return datetime.fromtimestamp(float(raw), UTC)  # type: ignore[arg-type]
        read = datetime.fromisoformat(raw)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise Invalid(f"{where} must be seconds since 1970.", param=where) from error


def _blob(shape: Shape, raw: Json, where: str) -> bytes:
    try:
        read = base64.b64decode(_text(shape, raw, where), validate=True)
    except binascii.Error as error:
        raise Invalid(f"{where} must be base64.", param=where) from error
    _require_size(shape, len(read), where, "bytes")
    return read


def _require_size(shape: Shape, size: float, where: str, unit: str) -> None:
    """Raise Invalid for fewer or more than the contract has."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        bounds = " and ".join(
            f"{word} {bound}" for word, bound in (("at least", least), ("at most", most)) if bound is not None
        )
        raise Invalid(f"{where} must {'have' if unit else 'be'} {bounds} {unit}".rstrip() + ".", param=where)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


_SCALARS: dict[str, Callable[[Shape, Json, str], Any]] = {
    "string": _text,
    "integer": _number(int),
    "long": _number(int),
    "float": _number(float),
    "double": _number(float),
    "boolean": _boolean,
    "timestamp": _moment,
    "blob": _blob,
}
