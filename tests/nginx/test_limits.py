"""Rates, connections and body sizes are limited, with an answer that says so."""

from collections.abc import Callable

import httpx
import pytest

from tests.nginx.harness import (
    EMOTIONS,
    FILES,
    GOOD,
    KEYWORDS,
    OTHER,
    OWN_WORDS,
    SPEAKER,
    SPEECH,
    TRANSCRIPTIONS,
    TRANSLATIONS,
    Nginx,
    Stub,
    assert_problem,
)


class TestLimits:
    def test_rate_is_limited_by_key(self, start_nginx: Callable[..., Nginx]) -> None:
        with start_nginx(TIMBRE_REQUESTS_PER_SECOND="1", TIMBRE_BURST_REQUESTS="2").client() as client:
            answers = [client.post(SPEECH, headers=GOOD) for _ in range(4)]
            other = client.post(SPEECH, headers=OTHER)
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert_problem(answers[-1], 429, "busy")
        assert answers[-1].headers["retry-after"] == "1"
        assert answers[-1].json()["error"]["code"] == "rate_limit_exceeded"
        assert other.status_code == 200

    @pytest.mark.parametrize("form", ["bearer good", "BEARER  good", "Bearer \t good", None])
    def test_a_key_is_one_however_it_is_sent(
        self, start_nginx: Callable[..., Nginx], stubs: dict[str, Stub], form: str | None
    ) -> None:
        nginx = start_nginx(TIMBRE_CONNECTIONS_PER_KEY="1")
        with nginx.client() as client, client.stream("POST", SPEECH, headers={**GOOD, "X-Stub": "hold"}) as held:
            assert stubs["tts"].entered.wait(10)
            answer = client.post(EMOTIONS, headers={"Authorization": form} if form else {"X-Api-Key": "good"})
            stubs["tts"].release.set()
            held.read()
        assert_problem(answer, 429, "busy")

    def test_rate_is_limited_by_address_without_a_key(self, start_nginx: Callable[..., Nginx]) -> None:
        with start_nginx(TIMBRE_REQUESTS_PER_SECOND="1", TIMBRE_BURST_REQUESTS="1").client() as client:
            statuses = [client.get("/health/ready").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]

    @pytest.mark.parametrize(
        ("limit", "refused", "served"),
        [("SERVICE", (SPEECH, OTHER), (EMOTIONS, OTHER)), ("KEY", (EMOTIONS, GOOD), (SPEECH, OTHER))],
    )
    def test_connections_are_limited(
        self,
        start_nginx: Callable[..., Nginx],
        stubs: dict[str, Stub],
        limit: str,
        refused: tuple[str, dict[str, str]],
        served: tuple[str, dict[str, str]],
    ) -> None:
        nginx = start_nginx(**{f"TIMBRE_CONNECTIONS_PER_{limit}": "1"})
        with nginx.client() as client, client.stream("POST", SPEECH, headers={**GOOD, "X-Stub": "hold"}) as held:
            assert stubs["tts"].entered.wait(10)
            answer = client.post(refused[0], headers=refused[1])
            elsewhere = client.post(served[0], headers=served[1])
            stubs["tts"].release.set()
            assert held.read() == b"firstsecond"
            again = client.post(refused[0], headers=refused[1])
        assert_problem(answer, 429, "busy")
        assert answer.headers["retry-after"] == "1"
        assert (elsewhere.status_code, again.status_code) == (200, 200)


class TestBodies:
    @pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
    def test_too_large_a_body(self, client: httpx.Client, stubs: dict[str, Stub], chunked: bool) -> None:
        body = b" " * (4 * 1024 * 1024 + 1)
        answer = client.post(EMOTIONS, headers=GOOD, content=iter([body[:1000], body[1000:]]) if chunked else body)
        assert_problem(answer, 413, "too-large")
        assert answer.json()["limit"] == 4 * 1024 * 1024
        assert not stubs["sentiment"].seen

    @pytest.mark.parametrize(
        ("path", "service"),
        [
            (SPEAKER, "speaker"),
            (KEYWORDS, "keywords"),
            (OWN_WORDS, "keywords"),
            (TRANSCRIPTIONS, "stt"),
            (TRANSLATIONS, "stt"),
        ],
    )
    def test_calls_that_take_files_have_a_limit_of_their_own(
        self, client: httpx.Client, stubs: dict[str, Stub], path: str, service: str
    ) -> None:
        most_bytes = 26 * 1024 * 1024
        taken = client.post(path, headers=GOOD, content=bytes(most_bytes))
        answer = client.post(path, headers=GOOD, content=bytes(most_bytes + 1))
        assert taken.json()["bytes"] == most_bytes
        assert_problem(answer, 413, "too-large")
        assert answer.json()["limit"] == most_bytes
        assert len(stubs[service].seen) == 1

    def test_other_errors_of_a_large_body_keep_their_words(self, client: httpx.Client) -> None:
        assert_problem(client.post(SPEAKER, content=bytes(10_000_000)), 401, "unauthorized")

    @pytest.mark.parametrize("path", [FILES, "/v1/files/file-1"])
    @pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
    def test_too_large_an_upload(self, client: httpx.Client, stubs: dict[str, Stub], path: str, chunked: bool) -> None:
        body = b" " * (26 * 1024 * 1024 + 1)
        answer = client.post(path, headers=GOOD, content=iter([body[:1000], body[1000:]]) if chunked else body)
        assert_problem(answer, 413, "too-large")
        assert answer.json()["limit"] == 26 * 1024 * 1024

    def test_a_large_upload_without_a_key_is_told_so(self, client: httpx.Client, stubs: dict[str, Stub]) -> None:
        assert_problem(client.post(FILES, content=b" " * (26 * 1024 * 1024)), 401, "unauthorized")
        assert not any(request["target"] == FILES for request in stubs["gateway"].seen)

    @pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
    def test_an_upload_goes_through_without_a_stop(self, nginx: Nginx, client: httpx.Client, chunked: bool) -> None:
        body = b" " * (26 * 1024 * 1024)
        answer = client.post(FILES, headers=GOOD, content=iter([body[:1000], body[1000:]]) if chunked else body)
        assert answer.json()["bytes"] == len(body)
        assert nginx.logged(answer.headers["x-request-id"])["body_spilled"] is False

    @pytest.mark.parametrize(("size_bytes", "spilled"), [(100_000, False), (1_000_000, False), (4_000_000, True)])
    def test_usual_body_stays_in_memory(
        self, nginx: Nginx, client: httpx.Client, size_bytes: int, spilled: bool
    ) -> None:
        answer = client.post(SPEECH, headers=GOOD, content=b"x" * size_bytes)
        assert answer.json()["bytes"] == size_bytes
        assert nginx.logged(answer.headers["x-request-id"])["body_spilled"] is spilled
