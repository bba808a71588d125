"""Streams, callers that leave, upgrades, and replicas that die."""

import http.client
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.nginx.harness import (
    GOOD,
    LISTEN,
    LIVE,
    SPEECH,
    TRANSCRIPTIONS,
    TRANSLATIONS,
    Nginx,
    Stub,
    assert_problem,
)

WEBSOCKETS = [(LISTEN, "KEYWORDS"), (LIVE, "STT")]


class TestStreams:
    @pytest.mark.parametrize(
        ("path", "service"),
        [(SPEECH, "tts"), ("/v1/speech/emotional", "gateway"), (TRANSCRIPTIONS, "stt"), (TRANSLATIONS, "stt")],
    )
    def test_first_piece_arrives_before_the_second_is_made(
        self, client: httpx.Client, stubs: dict[str, Stub], path: str, service: str
    ) -> None:
        stub = stubs[service]
        with client.stream("POST", path, headers={**GOOD, "X-Stub": "hold"}) as answer:
            pieces = answer.iter_raw()
            assert next(pieces) == b"first"
            assert not stub.release.is_set()
            stub.release.set()
            assert next(pieces) == b"second"

    def test_service_learns_that_the_caller_left(self, nginx: Nginx, stubs: dict[str, Stub]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", nginx.port)
        connection.request("POST", SPEECH, headers={**GOOD, "X-Stub": "work"})
        assert stubs["tts"].entered.wait(10)
        assert not stubs["tts"].left.is_set()
        connection.close()
        assert stubs["tts"].left.wait(10)

    @pytest.mark.parametrize(("path", "service"), WEBSOCKETS)
    def test_websocket_is_upgraded(
        self, start_nginx: Callable[..., Nginx], one_upgrade: str, path: str, service: str
    ) -> None:
        nginx = start_nginx(**{f"TIMBRE_UPSTREAM_{service}": one_upgrade})
        with nginx.connect() as connection:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: good\r\n".encode()
                + b"Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n"
            )
            answer = connection.makefile("rb")
            assert answer.readline().startswith(b"HTTP/1.1 101")
            while answer.readline().strip():
                pass
            connection.sendall(b"ping\n")
            assert answer.readline() == b"heard ping\n"

    @pytest.mark.parametrize(("path", "service"), WEBSOCKETS)
    @pytest.mark.parametrize(
        ("headers", "status", "slug"), [({}, 401, "unauthorized"), (GOOD, 503, "unavailable")], ids=["no key", "nobody"]
    )
    def test_refused_upgrade_is_a_problem(
        self,
        start_nginx: Callable[..., Nginx],
        path: str,
        service: str,
        headers: dict[str, str],
        status: int,
        slug: str,
    ) -> None:
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", **headers}
        with start_nginx(**{f"TIMBRE_UPSTREAM_{service}": "127.0.0.1:1"}).client() as client:
            assert_problem(client.get(path, headers=upgrade), status, slug)

    def test_nothing_else_is_upgraded(self, client: httpx.Client) -> None:
        seen = client.post(SPEECH, headers={**GOOD, "Upgrade": "h2c", "Connection": "Upgrade"}).json()["headers"]
        assert not {"upgrade", "connection"} & set(seen)


@pytest.fixture
def one_upgrade() -> Iterator[str]:
    """The address of a service that upgrades one connection and then says what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                head = b"".join(iter(lines.readline, b"\r\n")).lower()
                assert b"\r\nupgrade: websocket\r\n" in head
                assert b"\r\nconnection: upgrade\r\n" in head
                connection.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
                )
                connection.sendall(b"heard " + lines.readline())

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


REPLICA = """
import sys, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version, wbufsize = "HTTP/1.1", 65536
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200); self.send_header("Content-Length", "1"); self.end_headers()
        self.wfile.write(sys.argv[1].encode())
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


class TestReplicas:
    def test_no_request_fails_when_a_replica_is_killed(self, start_nginx: Callable[..., Nginx]) -> None:
        replicas = [
            subprocess.Popen([sys.executable, "-c", REPLICA, name], stdout=subprocess.PIPE, text=True) for name in "ab"
        ]
        try:
            addresses = " ".join(
                f"127.0.0.1:{replica.stdout.readline().strip()}" for replica in replicas if replica.stdout
            )
            with start_nginx(TIMBRE_UPSTREAM_TTS=addresses).client() as client:
                before = [client.post(SPEECH, headers=GOOD, content=b"{}") for _ in range(40)]
                replicas[0].kill()
                after = [client.post(SPEECH, headers=GOOD, content=b"{}") for _ in range(40)]
        finally:
            for replica in replicas:
                replica.kill()
                replica.communicate()
        assert {answer.text for answer in before} == {"a", "b"}
        assert {(answer.status_code, answer.text) for answer in after} == {(200, "b")}

    def test_no_replica_at_all_is_unavailable(self, start_nginx: Callable[..., Nginx]) -> None:
        with start_nginx(TIMBRE_UPSTREAM_TTS="127.0.0.1:1 127.0.0.1:2").client() as client:
            assert_problem(client.post(SPEECH, headers=GOOD), 503, "unavailable")

    def test_upstream_named_by_address_keeps_its_connections(self, nginx: Nginx, client: httpx.Client) -> None:
        assert "keepalive 64;" in (nginx.folder / "conf.d" / "upstreams.conf").read_text()
        assert "connection" not in client.post(SPEECH, headers=GOOD).json()["headers"]
