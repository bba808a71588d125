"""Which call reaches which service, and what is on the answer."""

import http.client

import httpx
import pytest

from tests.nginx.harness import GOOD, ROUTES, SPEECH, Nginx, Stub, assert_problem


class TestRoutes:
    @pytest.mark.parametrize(("method", "path", "service"), ROUTES)
    def test_call_reaches_its_service(self, client: httpx.Client, method: str, path: str, service: str) -> None:
        answer = client.request(method, path, headers=GOOD, content=b"{}" if method == "POST" else None)
        assert answer.status_code == 200
        assert answer.json()["service"] == service
        assert answer.json()["target"] == path

    @pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
    def test_health_needs_no_key(self, client: httpx.Client, path: str) -> None:
        answer = client.get(path, headers={"X-Timbre-Key": "admin"})
        assert answer.json()["target"] == path
        assert "x-timbre-key" not in answer.json()["headers"]

    @pytest.mark.parametrize(
        "path",
        [
            "/metrics",
            "/openapi.json",
            "/health",
            "/health/ready/x",
            "/internal/auth",
            "/internal/problems/busy.json",
            "/v1/audio/speech/",
            "/v1/modelsx",
            "/v1/audio/keywords/",
            "/v1/audio/keywords/listen/x",
            "/v1/audio/transcriptions/",
            "/v1/audio/transcriptions/live/x",
            "/v1/audio/translations/live",
            "/v1/keywords",
            "/v1/keywords/modelsx",
            "/v1/speech/../../metrics",
            "/v1/speech/%2e%2e/%2e%2e/metrics",
            "/v1/speech/..%2f..%2finternal/auth",
            "//metrics",
        ],
    )
    def test_everything_else_is_not_there(self, nginx: Nginx, stubs: dict[str, Stub], path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", nginx.port)
        connection.request("GET", path, headers=GOOD)
        answer = connection.getresponse()
        assert_problem(
            httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read()), 404, "not-found"
        )
        connection.close()
        assert not any(stub.seen for stub in stubs.values())

    def test_raw_path_and_host_are_left_alone(self, nginx: Nginx, stubs: dict[str, Stub]) -> None:
        target = "/v1/models/a%2Fb%20c//d?x=%41&y"
        connection = http.client.HTTPConnection("127.0.0.1", nginx.port)
        connection.request("GET", target, headers={**GOOD, "Host": "speech.example:8443"})
        assert connection.getresponse().status == 200
        connection.close()
        assert stubs["gateway"].seen[-1]["target"] == target
        assert stubs["gateway"].seen[-1]["headers"]["host"] == "speech.example:8443"

    @pytest.mark.parametrize("path", [SPEECH, "/v1/audio/voices", "/v1/audio/transcriptions"])
    def test_a_base_url_may_end_in_a_slash(self, nginx: Nginx, stubs: dict[str, Stub], path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", nginx.port)
        connection.request("GET", path.replace("/audio", "//audio") + "?x=%41", headers=GOOD)
        assert connection.getresponse().status == 200
        connection.close()
        assert [one["target"] for name in ("tts", "stt") for one in stubs[name].seen] == [f"{path}?x=%41"]

    def test_errors_of_services_keep_their_words(self, client: httpx.Client) -> None:
        answer = client.post(SPEECH, headers={**GOOD, "X-Stub": "unready"})
        assert (answer.status_code, answer.text) == (503, "the stub's own words")
        assert answer.headers.get_list("retry-after") == ["7"]

    @pytest.mark.parametrize("path", [*(path for method, path, _ in ROUTES if method == "GET"), "/health/ready"])
    def test_head_is_get_without_its_body(self, client: httpx.Client, stubs: dict[str, Stub], path: str) -> None:
        answer = client.head(path, headers=GOOD)
        assert (answer.status_code, answer.content) == (200, b"")
        assert {one["method"] for stub in stubs.values() for one in stub.seen} == {"GET"}

    def test_heads_that_are_signed_stay_as_they_are(self, client: httpx.Client, stubs: dict[str, Stub]) -> None:
        assert client.head("/v1/voices").status_code == 200
        assert stubs["gateway"].seen[-1]["method"] == "HEAD"

    @pytest.mark.parametrize(("behaviour", "status"), [("slow", 504), ("clash", 409)])
    def test_what_would_end_the_same_way_is_not_to_be_tried_again(
        self, client: httpx.Client, behaviour: str, status: int
    ) -> None:
        answer = client.post(SPEECH, headers={**GOOD, "X-Stub": behaviour})
        assert (answer.status_code, answer.headers["x-should-retry"]) == (status, "false")
        for other in ("unready", "echo"):
            assert "x-should-retry" not in client.post(SPEECH, headers={**GOOD, "X-Stub": other}).headers

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/audio/voices"),
            ("DELETE", "/v1/audio/voices/voice_1"),
            ("POST", "/v1/audio/voice_consents"),
            ("GET", "/v1/audio/voice_consents/cons_1"),
        ],
    )
    def test_voices_are_not_made_by_a_call(
        self, client: httpx.Client, stubs: dict[str, Stub], method: str, path: str
    ) -> None:
        answer = client.request(method, path, headers=GOOD, content=bytes(12_000_000) if method == "POST" else None)
        assert_problem(answer, 501, "not-served")
        assert "voice-training" in answer.json()["detail"]
        assert answer.headers["x-should-retry"] == "false"
        assert not stubs["tts"].seen

    @pytest.mark.parametrize("headers", [GOOD, {}])
    @pytest.mark.parametrize("path", ["/v1/models", "/nowhere"])
    def test_every_answer_carries_the_security_headers(
        self, client: httpx.Client, path: str, headers: dict[str, str]
    ) -> None:
        answer = client.get(path, headers=headers)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["server"] == "nginx"
