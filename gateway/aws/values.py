"""Values of a request, held against the shapes that its service's model has."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from shared.problems import InvalidInput, Json

OPEN = frozenset({"VoiceId", "LanguageCode"})
"""Lists of names that are AWS's own: ours are others, and each operation knows them."""
_DEEPEST = 32


class Invalid(InvalidInput):
    """A member of a request that is not as the contract has it. Its words never hold the value."""


def structure(shape: StructureShape, raw: Json, where: str = "", depth: int = 0) -> dict[str, Any]:
    """Return the members of a JSON object as Python has them: numbers, datetimes, bytes. Raises Invalid."""
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
        return structure(shape, raw, where, depth + 1)
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
