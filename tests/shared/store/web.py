"""A real web server with models to download, which does wrong what a test tells it to."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What it has, and how it behaves just now."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    knows_ranges: bool = True
    etag: str = '"first"'
    cuts: list[int] = field(default_factory=list)
    """After so many bytes the connection ends: of the first request, of the second..."""
    cuts_always: int | None = None
    statuses: list[int] = field(default_factory=list)
    """What the next requests are answered with, instead of a file."""
    headers: dict[str, str] = field(default_factory=dict)
    """Sent instead of what is right; an empty one is left out."""
    shift: int = 0
    """Added to the beginning of each range."""
    holds: threading.Event = field(default_factory=threading.Event)
    """Where a test waits for `held`, the answer stops in the middle until this is set."""
    held: threading.Event | None = None
    requests: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """Path, Range, If-Range of each."""

    @property
    def ranges(self) -> list[str | None]:
        return [asked for _, asked, _ in self.requests]


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site, path = self.site, self.path.lstrip("/")
        site.requests.append((path, self.headers["Range"], self.headers["If-Range"]))
        if site.statuses:
            self.answer(site.statuses.pop(0), {}, b"busy")
        elif path in site.redirects:
            self.answer(302, {"Location": site.redirects[path]}, b"elsewhere")
        elif path not in site.files:
            self.answer(404, {}, b"none")
        else:
            self.send(site.files[path])

    def send(self, whole: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if not asked or not self.site.knows_ranges or self.headers["If-Range"] != self.site.etag:
            return self.answer(200, {}, whole)
        start = int(asked[1]) + self.site.shift
        if start >= len(whole):
            return self.answer(416, {"Content-Range": f"bytes */{len(whole)}"}, b"")
        return self.answer(206, {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"}, whole[start:])

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        sent = {"Content-Length": str(len(body)), "ETag": self.site.etag, **headers}
        if status in {200, 206}:
            sent |= self.site.headers
        self.send_response(status)
        for name, text in sent.items():
            if text:
                self.send_header(name, text)
        self.close_connection = True
        self.end_headers()
        cut = (self.site.cuts.pop(0) if self.site.cuts else self.site.cuts_always) if status in {200, 206} else None
        if self.site.held and status in {200, 206}:
            self.wfile.write(body[: len(body) // 2])
            self.site.held.set()
            self.site.holds.wait(60)
            return
        self.wfile.write(body[:cut])

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving_site() -> Iterator[Site]:
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        site.address = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield site
        finally:
            site.holds.set()
            server.shutdown()
            thread.join()
