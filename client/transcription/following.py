"""The text of one recording while it is written down, so that hours of it need not be waited for."""

import re
import sys
from collections.abc import Iterator
from http.client import HTTPResponse

from client.timbre import Refused, Unreachable
from client.transcription.reports import holds_text
from client.transcription.schemas import Event
from shared.printable import printable

_DONE = "transcript.text.done"
_FAILED_STATUS = 500
"""As if the answer had told it before it began."""
_SPACE = re.compile(r"\s+")


def follow(answer: HTTPResponse) -> bytes:
    """Write the text as it comes; return the last event, which has all of it. Raises Refused, ValidationError."""
    is_begun = False
    try:
        for data in (line[6:] for line in answer if line.startswith(b"data: ")):
            event = Event.model_validate_json(data)
            if event.type == _DONE:
                return data
            if event.error:
                raise Refused(printable(event.error.message), _FAILED_STATUS)
            is_begun = _write(printable(_SPACE.sub(" ", event.delta))) or is_begun
    finally:
        _write("\n" if is_begun else "")
    raise Unreachable("The text broke off.")


def _write(text: str) -> bool:
    """Write at once; tell whether it was anything."""
    sys.stdout.write(text)
    sys.stdout.flush()
    return bool(text)


class Followed:
    """Shows nothing, as all was written while it came."""

    holds_something = staticmethod(holds_text)

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield nothing."""
        yield from ()
