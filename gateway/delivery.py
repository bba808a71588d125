"""The answer of the pipeline: the TTS service's sound, passed on as it comes, with the plan before it."""

import base64
import secrets
from collections.abc import AsyncGenerator
from http import HTTPMethod

import orjson

from gateway.schemas import Plan
from gateway.upstream import Service
from shared.problems import EngineFailed, Json
from shared.provenance import MODEL_HEADER, SYNTHETIC_HEADER

MAX_HEADER_BYTES = 4096
"""A longer plan would not pass through common proxies as a header."""

_PASSED_HEADERS = ("X-Timbre-Warning", MODEL_HEADER, SYNTHETIC_HEADER)


class Sound:
    """One call to the TTS service. `media_type` and `headers` are known once the first chunk has come."""

    def __init__(self, tts: Service, order: Json, *, may_be_empty: bool = False) -> None:
        """Take an order; one for marks may have an empty answer."""
        self._tts = tts
        self._may_be_empty = may_be_empty
        self._body = orjson.dumps(order)
        self.media_type = "application/octet-stream"
        self.headers: dict[str, str] = {}

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the sound as it comes; stopping early ends the service's work. Raises EngineFailed and as `opened`."""
        async with self._tts.opened(HTTPMethod.POST, "/v1/audio/speech", self._body) as answer:
            self.media_type = answer.headers.get("Content-Type", self.media_type)
            self.headers = {name: answer.headers[name] for name in _PASSED_HEADERS if name in answer.headers}
            length = 0
            async for chunk in answer.content.iter_any():
                length += len(chunk)
                yield chunk
            if not length and not self._may_be_empty:
                raise EngineFailed("The speech service answered without any sound.")
            if not length:
                yield b""


def plan_header(plan: Plan) -> str:
    """Return the plan as base64url (no padding) of JSON; only the number of its sentences if that is over 4 kB."""
    encoded = _base64url(_compact(plan))
    if len(encoded) <= MAX_HEADER_BYTES:
        return encoded
    return _base64url(orjson.dumps({"sentence_count": len(plan.sentences), "see": "POST /v1/speech/plan"}))


def multipart(
    plan: Plan, sound: AsyncGenerator[bytes, None], media_type: str
) -> tuple[AsyncGenerator[bytes, None], str]:
    """Return a multipart/mixed body, first the plan as JSON, then the sound as it comes; and its content type."""
    boundary = secrets.token_hex(16)

    async def parts() -> AsyncGenerator[bytes, None]:
        plan_part = b"--%b\r\nContent-Type: application/json\r\n\r\n%b\r\n" % (boundary.encode(), _compact(plan))
        yield plan_part + f"--{boundary}\r\nContent-Type: {media_type}\r\n\r\n".encode()
        async for chunk in sound:
            yield chunk
        yield f"\r\n--{boundary}--\r\n".encode()

    return parts(), f"multipart/mixed; boundary={boundary}"


def _compact(plan: Plan) -> bytes:
    return plan.model_dump_json().encode()


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
