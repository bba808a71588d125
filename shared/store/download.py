"""Files from web servers: bounded while they are read, and gone on with where a connection or a process broke off."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from shared.objects.atomic import WRITING, reported
from shared.problems import ModelCorrupt, NotFound, Unavailable
from shared.store.https import answer_to
from shared.store.part import Part

_CHUNK_BYTES = 1 << 18
_STALLED_ATTEMPTS = 5
_LONGEST_PAUSE_SECONDS = 10.0
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")

Report = Callable[[int, int | None], None]
"""Is told how many bytes there are, and of how many, if that is known."""


class _Broken(Exception):
    """The connection broke, or the server is busy: worth another attempt."""


@dataclass
class Download:
    """One file on its way."""

    address: str
    part: Part
    size_bytes: int | None
    """Known beforehand; None: at most `limit_bytes`."""
    limit_bytes: int
    report: Report = field(default=lambda done, total: None)
    pause_seconds: float = 0.5
    """Before the second attempt; it grows while nothing comes."""

    def finish(self) -> None:
        """Fetch what is missing, with several attempts.

        Raises InvalidInput for the address, NotFound, ModelCorrupt for a wrong size, StorageFull, Unavailable.
        """
        stalled, most_bytes, is_whole = 0, self.part.size_bytes, self.part.size_bytes == self.size_bytes
        while not is_whole:
            try:
                self._go_on()
                is_whole = True
            except (_Broken, HTTPError) as fault:
                stalled = 0 if self.part.size_bytes > most_bytes else stalled + 1
                most_bytes = max(most_bytes, self.part.size_bytes)
                if stalled == _STALLED_ATTEMPTS:
                    raise Unavailable(f"The download breaks off ({fault}); call it again to go on.") from fault
                time.sleep(min(_LONGEST_PAUSE_SECONDS, self.pause_seconds * 2**stalled))

    def _go_on(self) -> None:
        headers = {}
        if self.part.size_bytes and self.part.state:
            headers = {"Range": f"bytes={self.part.size_bytes}-", "If-Range": self.part.state}
        with answer_to(self.address, headers) as answer:
            start = self._continued if headers and answer.status == 206 else self._begun
            self._take(answer, start(answer))

    def _continued(self, answer: BaseHTTPResponse) -> int | None:
        """Return the size of the whole file, of which the rest comes now."""
        found = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not found or int(found[1]) != self.part.size_bytes:
            self.part.remove()
            raise _Broken("it sends another part than was asked for")
        return self._checked(int(found[2]))

    def _begun(self, answer: BaseHTTPResponse) -> int | None:
        """Return the size of the whole file, which comes from its beginning."""
        if answer.status == 416:
            self.part.remove()
        if answer.status in _PASSING_STATUSES | {416}:
            raise _Broken(f"the server answers {answer.status}")
        if answer.status in {404, 410}:
            raise NotFound("There is no such file at the address in the catalogue.")
        if answer.status != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Unavailable(f"The server answers {answer.status}, and not with the file.")
        length = answer.headers.get("Content-Length", "")
        total_bytes = self._checked(int(length) if length.isascii() and length.isdecimal() else None)
        with reported(WRITING):
            self.part.begin(_state(answer))
        return total_bytes

    def _checked(self, total_bytes: int | None) -> int | None:
        if total_bytes is not None and (
            total_bytes > self.limit_bytes or total_bytes != (self.size_bytes or total_bytes)
        ):
            self.part.remove()
            raise ModelCorrupt(f"The server has a file of {total_bytes} bytes, not of {self._wanted}.")
        return total_bytes

    def _take(self, answer: BaseHTTPResponse, total_bytes: int | None) -> None:
        done_bytes = self.part.size_bytes
        with reported(WRITING), self.part.path.open("ab", buffering=0) as stream:
            # Each piece as it comes, so that a connection that breaks, or a process that is killed, loses none.
            while chunk := answer.read1(_CHUNK_BYTES, decode_content=False):
                done_bytes += len(chunk)
                if done_bytes > (self.size_bytes or self.limit_bytes):
                    break
                stream.write(chunk)
                self.report(done_bytes, self.size_bytes or total_bytes)
        if done_bytes > (self.size_bytes or self.limit_bytes):
            self.part.remove()
            raise ModelCorrupt(f"The server sends more than {self._wanted} bytes.")
        if done_bytes < (self.size_bytes or 0):
            raise _Broken(f"it ends after {done_bytes} bytes")

    @property
    def _wanted(self) -> str:
        return str(self.size_bytes) if self.size_bytes else f"at most {self.limit_bytes}"


def _state(answer: BaseHTTPResponse) -> str:
    """Return what If-Range takes: a strong ETag, else the time of the last change."""
    etag = answer.headers.get("ETag", "")
    return etag if etag.startswith('"') else answer.headers.get("Last-Modified", "")
