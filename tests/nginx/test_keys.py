"""Who gets in, and what a service learns of the caller."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.nginx.harness import GOOD, OTHER, ROUTES, SPEECH, Nginx, Stub, assert_problem


class TestKeys:
    @pytest.mark.parametrize(("method", "path", "service"), ROUTES)
    @pytest.mark.parametrize(
        "headers",
        [{}, {"Authorization": "Bearer bad"}, {"Authorization": "good"[::-1]}, {"X-Timbre-Key": "key-1"}],
        ids=["none", "bad", "no scheme", "spoofed id"],
    )
    def test_no_call_without_a_good_key(
        self,
        client: httpx.Client,
        stubs: dict[str, Stub],
        method: str,
        path: str,
        service: str,
        headers: dict[str, str],
    ) -> None:
        answer = client.request(method, f"{path}?api_key=good&key=good", headers=headers)
        assert_problem(answer, 401, "unauthorized")
        assert answer.headers.get_list("www-authenticate") == ["Bearer"]
        assert {request["target"] for stub in stubs.values() for request in stub.seen} == {"/internal/auth"}

    @pytest.mark.parametrize(("headers", "key"), [(GOOD, "key-1"), (OTHER, "key-2")])
    def test_service_learns_the_keys_id_and_nothing_that_was_spoofed(
        self, client: httpx.Client, stubs: dict[str, Stub], headers: dict[str, str], key: str
    ) -> None:
        spoofed = {
            "X-Timbre-Key": "admin",
            "X_Timbre_Key": "admin",
            "X-Forwarded-For": "6.6.6.6",
            "X-Forwarded-Host": "evil",
            "Forwarded": "for=6.6.6.6",
        }
        seen = client.post(SPEECH, headers={**headers, **spoofed}, content=b"{}").json()["headers"]
        assert seen["x-timbre-key"] == key
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert not {"authorization", "x-api-key", "x-forwarded-host", "forwarded", "x_timbre_key"} & set(seen)

    def test_the_question_carries_keys_but_no_body_and_no_query(
        self, client: httpx.Client, stubs: dict[str, Stub]
    ) -> None:
        client.post(f"{SPEECH}?secret=1", headers={**GOOD, "X-Stub": "echo"}, content=b"x" * 4096)
        question = stubs["gateway"].seen[-1]
        assert (question["target"], question["method"], question["bytes"]) == ("/internal/auth", "GET", 0)
        assert set(question["headers"]) == {"host", "authorization", "x-request-id"}

    def test_no_call_while_nobody_can_check_keys(
        self, start_nginx: Callable[..., Nginx], stubs: dict[str, Stub]
    ) -> None:
        with start_nginx(TIMBRE_UPSTREAM_GATEWAY="127.0.0.1:1").client() as client:
            answer = client.post(SPEECH, headers=GOOD)
        assert_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "2"
        assert not stubs["tts"].seen


class TestRequestId:
    def test_a_well_formed_id_travels_everywhere(
        self, nginx: Nginx, client: httpx.Client, stubs: dict[str, Stub]
    ) -> None:
        answer = client.post(SPEECH, headers={**GOOD, "X-Request-Id": "order-66"})
        assert answer.json()["headers"]["x-request-id"] == "order-66"
        assert stubs["gateway"].seen[-1]["headers"]["x-request-id"] == "order-66"
        assert answer.headers.get_list("x-request-id") == ["order-66"]
        assert nginx.logged("order-66")["key"] == "key-1"

    @pytest.mark.parametrize("given", [None, "a b", "x" * 65, 'quote"'])
    def test_any_other_is_replaced(self, client: httpx.Client, given: str | None) -> None:
        answer = client.post(SPEECH, headers={**GOOD, **({"X-Request-Id": given} if given else {})})
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
        assert answer.json()["headers"]["x-request-id"] == answer.headers["x-request-id"]
