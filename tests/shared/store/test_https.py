"""Which addresses are asked: https, with a certificate that is good, through the proxy that is set."""

import socket
import ssl
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from urllib3.exceptions import HTTPError, SSLError

from shared.problems import Unavailable
from shared.store.https import answer_to, led_on


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For localhost, vouched for by nobody; the key is in it too."""
    path = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", path, "-out", tmp_path / "public.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,DNS:models.example.com"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + (tmp_path / "public.pem").read_text())
    return path


@contextmanager
def answering_once(answer: bytes, certificate: Path | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the port and what was asked for; an error of the connection is the client's affair."""
    asked: list[bytes] = []

    def serve(server: socket.socket) -> None:
        try:
            connection, _ = server.accept()
            with connection if certificate is None else _with_tls(connection, certificate) as stream:
                asked.append(stream.recv(9999))
                stream.sendall(answer)
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield server.getsockname()[1], asked
        thread.join(60)


@contextmanager
def proxying_once(answer: bytes, certificate: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the port of a proxy that takes any name, what it was asked, and what the server behind it was asked."""
    asked: list[bytes] = []

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        asked.append(connection.recv(9999))
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with _with_tls(connection, certificate) as stream:
            asked.append(stream.recv(9999))
            stream.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield server.getsockname()[1], asked
        thread.join(60)


def _with_tls(connection: socket.socket, certificate: Path) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with connection:
        return context.wrap_socket(connection, server_side=True)


def test_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    with (
        answering_once(b"HTTP/1.1 200 OK\r\n\r\n", certificate) as (port, asked),
        pytest.raises(SSLError),
        answer_to(f"https://localhost:{port}/", {}),
    ):
        pass
    assert asked == []


def test_a_certificate_that_is_good(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        answering_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", certificate) as (port, _),
        answer_to(f"https://localhost:{port}/", {}) as answer,
    ):
        assert answer.read() == b"hi"


def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with answering_once(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (port, asked):
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        with pytest.raises(HTTPError), answer_to("https://models.example.com/w.bin", {}):
            pass
    assert asked[0].startswith(b"CONNECT models.example.com:443 ")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("user:secret", "user:secret"),
        ("user:p%40ss%3Aword%2F", "user:p@ss:word/"),
        ("user:pässwörd-日本", "user:pässwörd-日本"),
        ("user", "user:"),
    ],
)
def test_the_proxy_is_told_who_asks_and_the_server_is_not(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with proxying_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", certificate) as (port, asked):
        monkeypatch.setenv("https_proxy", f"http://{written}@127.0.0.1:{port}")
        with answer_to("https://models.example.com/w.bin", {}) as answer:
            assert answer.read() == b"hi"
    of_proxy, of_server = asked
    assert b"Proxy-Authorization: Basic " + b64encode(meant.encode()) + b"\r\n" in of_proxy
    assert b"authorization" not in of_server.lower()


@pytest.mark.parametrize(
    "target", ["https://127.0.0.1/w", "http://localhost/w", "https://[::1]/w", "http://example.com/w"]
)
def test_the_world_does_not_lead_into_this_machine(target: str) -> None:
    with pytest.raises(Unavailable):
        led_on(urlsplit("https://example.com/w.bin"), target)


def test_within_https() -> None:
    led = led_on(urlsplit("https://example.com/models/w.bin"), "../w.bin?signed=1")
    assert led.geturl() == "https://example.com/w.bin?signed=1"
    assert led_on(led, "https://cdn.example.net/w").hostname == "cdn.example.net"
