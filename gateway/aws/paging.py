"""Lists a page at a time, with AWS's opaque NextToken."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.problems import InvalidInput

T = TypeVar("T")


class InvalidToken(InvalidInput):
    """A NextToken that no answer had."""


def page(items: Sequence[T], key: Callable[[T], str], token: str | None, size: int) -> tuple[list[T], str | None]:
    """Return the items after the one whose key the token holds, `size` at most, and the next token, or None.

    `items` are sorted by `key`, so that pages neither repeat nor miss what stays. Raises InvalidToken.
    """
    after = _key_of(token) if token else None
    rest = [item for item in items if after is None or key(item) > after]
    shown = rest[:size]
    return shown, _token_of(key(shown[-1])) if len(rest) > size and shown else None


def _token_of(key: str) -> str:
    return base64.urlsafe_b64encode(b"1" + key.encode()).decode()


def _key_of(token: str) -> str:
    try:
        read = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        if not read.startswith(b"1"):
            raise ValueError
        return read[1:].decode()
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise InvalidToken("NextToken is not one of ours.", param="NextToken") from error
