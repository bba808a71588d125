"""A running Timbre as a command line sees it: calls, and their errors in words."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
from urllib3 import encode_multipart_formdata

from shared.printable import printable
from shared.problems import Json

Part = tuple[str, str | tuple[str, bytes]]
"""A member of a form: its name, and its value or the name and the bytes of a file."""
Answer = TypeVar("Answer")

LONGEST_SILENCE_SECONDS = 330
"""A little more than NGINX lets most services be silent."""
_BUSY = frozenset({429, 502, 503})
_PASSING = _BUSY | {504}
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 10.0


class Refused(Exception):
    """A call that went wrong; the text is for the user."""

    def __init__(self, words: str, status: int = 0, param: str = "") -> None:
        super().__init__(words)
        self.status = status
        """Of the answer; 0 where there was none."""
        self.param = param
        """Member of the request that is at fault, where the answer names one."""


class Unreachable(Refused):
    """One that may go well a little later."""

    pause_seconds = _PAUSE_SECONDS
    """When to try again."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """A running Timbre, and a key for it. All calls raise Refused."""

    address: str
    key: str
    patience_seconds: float = 60
    """How long it may be away or busy while something is followed: a restart is no reason to stop."""

    def ask(self, method: str, path: str, body: Json = None, **headers: str) -> bytes:
        """Return the answer to one call."""
        with self.answer(method, path, None if body is None else orjson.dumps(body), headers) as answer:
            return answer.read()

    def send(self, path: str, *parts: Part) -> bytes:
        """Return the answer to a form."""
        with self.answer_to_form(path, *parts) as answer:
            return answer.read()

    def answer_to_form(
        self, path: str, *parts: Part, longest_silence_seconds: float = LONGEST_SILENCE_SECONDS
    ) -> AbstractContextManager[HTTPResponse]:
        """Yield the answer to a form, to be read bit by bit."""
        form, media_type = encode_multipart_formdata([_with_media_type(part) for part in parts])
        return self.answer("POST", path, form, {"Content-Type": media_type}, longest_silence_seconds)

    def patiently(self, call: Callable[[], Answer]) -> Answer:
        """Return what `call` does, called again while Timbre is busy or starts anew. It must do no harm twice."""
        end = time.monotonic() + self.patience_seconds
        while True:
            try:
                return call()
            except Unreachable as error:
                if error.status not in _BUSY or time.monotonic() + error.pause_seconds > end:
                    raise
                time.sleep(error.pause_seconds)

    @contextmanager
    def answer(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        longest_silence_seconds: float = LONGEST_SILENCE_SECONDS,
    ) -> Iterator[HTTPResponse]:
        """Yield the answer to one call, to be read bit by bit."""
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})}
        try:
            request = Request(self.address + path, body, sent, method=method)  # noqa: S310 - http or https, as set
            with urlopen(request, timeout=longest_silence_seconds) as answer:  # noqa: S310
                yield answer
        except HTTPError as error:
            with error:
                raise _refusal(error) from error
        except BrokenPipeError:  # of who reads what we print; one of the network comes as a URLError
            raise
        except (OSError, HTTPException) as error:
            raise unreachable(error) from error


def unreachable(error: Exception) -> Unreachable:
    """Return what to raise where the network or the other side failed."""
    return Unreachable(f"Timbre cannot be reached: {getattr(error, 'reason', '') or error}")


def _with_media_type(part: Part) -> tuple[str, Any]:
    name, value = part
    return name, value if isinstance(value, str) else (*value, "application/octet-stream")


def _refusal(error: HTTPError) -> Refused:
    problem = _problem(error)
    try:
        words = printable("{title}: {detail}".format_map(problem))
    except KeyError:
        words = f"The answer was {error.code} {printable(error.reason)}; is this the address of a Timbre?"
    refusal = (Unreachable if error.code in _PASSING else Refused)(words, error.code, str(problem.get("param", "")))
    if isinstance(refusal, Unreachable):
        refusal.pause_seconds = _pause_seconds(error.headers.get("Retry-After", ""))
    return refusal


def _problem(error: HTTPError) -> dict[str, Any]:
    """Return the body of a problem; of anything else nothing."""
    try:
        body = orjson.loads(error.read())
    except (OSError, HTTPException, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _pause_seconds(retry_after: str) -> float:
    wanted = int(retry_after) if retry_after.isascii() and retry_after.isdecimal() else 0
    return min(max(wanted, _PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
