"""A file that comes in a form, as OpenAI's clients send it (multipart/form-data), read within limits."""

import asyncio
import errno
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.problems import InvalidInput, Json, StorageFull, TimedOut, TooLarge, UnsupportedMedia

MOST_FIELDS = 16
"""Fields beside the file that are read, to be refused by name if they are not known."""
MOST_FIELD_BYTES = 8192
"""Longest value of one of them."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Upload(NamedTuple):
    """One file and the fields beside it; what is over 1 MiB lies in a nameless temporary file."""

    file: UploadFile
    fields: Mapping[str, str]


@asynccontextmanager
async def uploaded(
    request: Request, *, max_bytes: int, max_seconds: float, fields: Collection[str] = ()
) -> AsyncIterator[Upload]:
    """Read the whole form of `request`: a part `file` of at most `max_bytes`, and at most once each of `fields`.

    The file is gone after the block. How much is read altogether is up to `limits.LimitBody`. Raises UnsupportedMedia
    (no such form), InvalidInput (broken, no file, another field), TooLarge, TimedOut (not whole after `max_seconds`),
    StorageFull (no room for temporary files).
    """
    _require_form(request)
    try:
        async with asyncio.timeout(max_seconds):
            form = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES)
    except TimeoutError as error:
        raise TimedOut(f"The file took longer than {max_seconds:g} seconds to arrive.") from error
    except HTTPException as error:  # in Starlette's words, which quote nothing
        raise InvalidInput(f"The form cannot be read: {error.detail}") from error
    except UnicodeError as error:  # of a charset made to fail, which Python has a few of
        raise InvalidInput("The form's charset must be UTF-8.") from error
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise StorageFull("There is no room for the file just now; send it again later.") from error
    try:
        yield _checked(form, max_bytes, fields)
    finally:
        await form.close()


def form_body(**fields: Json) -> dict[str, Any]:
    """Return how a form with a file and these optional fields (JSON schemas) stands in an OpenAPI document."""
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}, **fields},
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _require_form(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        raise UnsupportedMedia("Send the file as multipart/form-data, in a part named `file`.", param="file")


def _checked(form: FormData, max_bytes: int, fields: Collection[str]) -> Upload:
    items = form.multi_items()
    if {name for name, _ in items} - {"file", *fields}:
        raise InvalidInput(f"The form may have these fields and no other: {', '.join(['file', *fields])}.")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput("The form needs a part named `file` that has a file name.", param="file")
    if len(items) != len(form):
        raise InvalidInput("The form has a field twice.")
    if (file.size or 0) > max_bytes:
        raise TooLarge(f"The file has more than {max_bytes} bytes.", param="file", limit=max_bytes)
    return Upload(file, {name: value for name, value in items if isinstance(value, str)})
