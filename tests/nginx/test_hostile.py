"""Slow and malformed requests, and what the log may not hold."""

import contextlib
import http.client
import secrets
from collections.abc import Callable

import httpx
import pytest

from tests.nginx.harness import GOOD, SPEECH, Nginx, Stub, assert_problem

POST = b"POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\n"


class TestHostileCallers:
    @pytest.mark.parametrize(
        "sent",
        [POST + b"X-", POST + b"X-Api-Key: good\r\nContent-Length: 9\r\n\r\nab"],
        ids=["head", "body"],
    )
    def test_slow_one_is_cut_off(self, nginx: Nginx, stubs: dict[str, Stub], sent: bytes) -> None:
        with nginx.connect() as connection:
            connection.sendall(sent)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1024) == b""  # a TimeoutError after 10 s if NGINX went on waiting
        assert not stubs["tts"].seen

    @pytest.mark.parametrize(
        "head",
        [
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
            b"nonsense\r\n\r\n",
            POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            POST + b"Transfer-Encoding: gzip\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
            b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        ],
        ids=["no host", "NUL", "no HTTP", "two lengths and chunks", "two lengths", "gzip", "long header", "long line"],
    )
    def test_malformed_request_is_a_problem(self, nginx: Nginx, head: bytes) -> None:
        with nginx.connect() as connection:
            connection.sendall(head)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            response = httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
        assert_problem(response, 400, "invalid-input")

    def test_log_holds_no_query_no_path_and_no_key(self, start_nginx: Callable[..., Nginx]) -> None:
        nginx = start_nginx(
            TIMBRE_UPSTREAM_TTS="127.0.0.1:1", TIMBRE_BURST_REQUESTS="1", TIMBRE_REQUESTS_PER_SECOND="1"
        )
        secret = secrets.token_hex(8)
        with nginx.client() as client:
            for path in (SPEECH, f"/v1/models/{secret}", f"/{secret}"):
                answer = client.post(
                    f"{path}?text={secret}",
                    headers={"Authorization": f"Bearer {secret}", "Referer": f"http://{secret}"},
                )
                nginx.logged(answer.headers["x-request-id"])
            ready = client.post(f"{SPEECH}?{secret}", headers=GOOD)
        assert nginx.logged(ready.headers["x-request-id"])["route"] == SPEECH
        assert nginx.logged(ready.headers["x-request-id"])["status"] == "503"
        assert secret not in nginx.output
