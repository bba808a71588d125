"""Whose call this is: nginx finds the API key good, and says its id in a header that nobody else can set."""

import re
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from shared.problems import Unauthorized

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""It becomes part of the names of what its owner stores."""


async def calling_key(connection: HTTPConnection) -> str:
    """Return the id of the key that nginx found good. Raises Unauthorized."""
    key_id = connection.headers.get("x-timbre-key", "")
    if not _KEY_ID.fullmatch(key_id):
        raise Unauthorized("What is kept belongs to an API key; call through the public address.")
    return key_id


async def known_caller(connection: HTTPConnection) -> str | None:
    """Return the id of the key, or None where a call came past nginx, and so belongs to nobody. Raises Unauthorized."""
    return await calling_key(connection) if "x-timbre-key" in connection.headers else None


Caller = Annotated[str, Depends(calling_key)]
KnownCaller = Annotated[str | None, Depends(known_caller)]
