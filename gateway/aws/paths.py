"""Which operation of a service a method and a path mean."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

_MEMBER = re.compile(r"\\\{(\w+)\\\}")


class Paths:
    """Operations by method and template, as `PUT /v1/lexicons/{LexiconName}`."""

    def __init__(self, operations: Iterable[tuple[str, str, str]]) -> None:
        """Take method, template and name of each."""
        self._known = [(method, _pattern(template), name) for method, template, name in operations]

    def find(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """Return the operation's name and the members in its path, decoded; None if there is no such operation."""
        for known, pattern, name in self._known:
            found = pattern.fullmatch(path)
            if known == method and found:
                return name, {member: unquote(value) for member, value in found.groupdict().items()}
        return None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_MEMBER.sub(r"(?P<\1>[^/]+)", re.escape(template)) + "/?")
