"""Pages of lists."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.aws.call import Call
from gateway.aws.paging import page

T = TypeVar("T")

_USUAL = 5
"""How many Transcribe lists where nobody says."""


def page_of(call: Call, items: Sequence[T], key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """Return the page that a call asks for of items in the order of their keys, and the next token, or None."""
    return page(items, key, call.parameters.get("NextToken"), call.parameters.get("MaxResults", _USUAL))
