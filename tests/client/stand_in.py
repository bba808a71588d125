"""A server that answers as it is told to, byte by byte: well, badly or never."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def answer(
    body: str | bytes, status: str = "200 OK", length: int | None = None, kind: str = "application/json"
) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data) if length is None else length}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + data


@dataclass
class StandIn:
    """Gives the answers in order, byte by byte as they are, and keeps the requests' first lines."""

    answers: list[bytes]
    requests: list[str] = field(default_factory=list)
    waits: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@contextmanager
def standing_in(*answers: bytes, before: Callable[[], object] = int) -> Iterator[StandIn]:
    """Answer each request, once `before` has returned; those beyond the answers never."""
    stand_in = StandIn(list(answers))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            stand_in.requests.append(self.rfile.readline().decode().strip())
            while self.rfile.readline().strip():
                pass
            stand_in.asked.set()
            before()
            if stand_in.answers:
                self.wfile.write(stand_in.answers.pop(0))
            else:
                stand_in.waits.wait(60)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        stand_in.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield stand_in
        finally:
            stand_in.waits.set()
            server.shutdown()
            thread.join()
