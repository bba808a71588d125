"""What is refused before it becomes a job."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from tests.gateway.jobs.recordings import BROKEN, MAN, WOMAN, prediction_of
from tests.sounds import buzz, files_of

pytestmark = pytest.mark.anyio

CALLER, STRANGER = {"X-Timbre-Key": "tmb_one"}, {"X-Timbre-Key": "tmb_two"}
NOWHERE = "file-0123456789abcdef01234567"

GatewayWith = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
async def http(gateway_with: GatewayWith) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that believes in a speaker service; nobody does the jobs."""
    async with gateway_with(speaker_url="http://127.0.0.1:1") as http:
        yield http


async def uploaded(http: httpx.AsyncClient, content: bytes, headers: dict[str, str] = CALLER) -> str:
    answer = await http.post("/v1/files", files={"file": ("a.wav", content)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def refusal(http: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] = CALLER) -> tuple[Any, ...]:
    """Return status, type and param of the problem."""
    answer = await http.post("/v1/jobs", json=body, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    return problem["status"], problem["type"].rpartition(":")[2], problem.get("param")


async def test_every_kind_of_recording_is_taken(http: httpx.AsyncClient) -> None:
    cover = b"ID3\x04\0\0\x01\0\0\0" + b"a picture that says more than words" * 70_000  # 2 MiB of tag
    cover = cover[: 10 + (1 << 21)]
    for content in (*files_of(buzz(120, 1)).values(), cover + files_of(buzz(120, 1))["mp3"]):
        body = prediction_of(await uploaded(http, content))
        answer = await http.post("/v1/jobs", json=body, headers=CALLER)
        assert answer.status_code == 202, answer.text


async def test_a_file_must_be_there_and_the_callers_own(http: httpx.AsyncClient) -> None:
    body = prediction_of(await uploaded(http, WOMAN))
    assert await refusal(http, body, STRANGER) == (404, "not-found", "input.file")
    assert await refusal(http, prediction_of(NOWHERE)) == (404, "not-found", "input.file")
    assert (await http.delete(f"/v1/files/{body['input']['file']}", headers=CALLER)).status_code == 200
    assert await refusal(http, body) == (404, "not-found", "input.file")


@pytest.mark.parametrize(
    "content", [b"x", b"Dear service, who am I?", b"\x89PNG\r\n\x1a\n" + bytes(100), b"ID3\x04\0\0"]
)
async def test_a_file_must_be_audio(http: httpx.AsyncClient, content: bytes) -> None:
    body = prediction_of(await uploaded(http, content))
    assert await refusal(http, body) == (415, "unsupported-media", "input.file")


@pytest.mark.parametrize("file", ["", "file-1", "../../keys.json", f"{NOWHERE}/../{NOWHERE}", NOWHERE.upper(), 7, None])
async def test_what_is_no_id_is_not_looked_for(http: httpx.AsyncClient, file: Any) -> None:
    assert await refusal(http, prediction_of(file)) == (400, "invalid-input", "input.file")


async def test_a_file_must_be_named(http: httpx.AsyncClient) -> None:
    assert await refusal(http, {"kind": "speaker-prediction", "input": {}}) == (400, "invalid-input", "input.file")


async def test_without_the_service_the_kind_is_refused(gateway_with: GatewayWith) -> None:
    async with gateway_with(speaker_url="") as http:
        body = prediction_of(await uploaded(http, WOMAN))
        assert await refusal(http, body) == (501, "not-served", "kind")
        answer = await http.post("/v1/jobs", json=body, headers=CALLER)
        assert "speaker" in answer.json()["detail"]


async def test_a_request_that_is_sent_again_needs_its_file_no_more(http: httpx.AsyncClient) -> None:
    body = prediction_of(await uploaded(http, MAN))
    headers = CALLER | {"Idempotency-Key": "mine"}
    first = await http.post("/v1/jobs", json=body, headers=headers)
    await http.delete(f"/v1/files/{body['input']['file']}", headers=CALLER)
    again = await http.post("/v1/jobs", json=body, headers=headers)
    assert (again.status_code, again.content) == (202, first.content)


async def test_what_begins_as_audio_is_for_the_service_to_judge(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/jobs", json=prediction_of(await uploaded(http, BROKEN)), headers=CALLER)
    assert answer.status_code == 202


def batch_of(url: Any, **members: Any) -> dict[str, Any]:
    return {"kind": "batch-transcription", "input": {"url": url, **members}}


async def test_a_bucket_must_be_allowed(gateway_with: GatewayWith) -> None:
    async with gateway_with(batch_locations="s3://calls/in,/srv/calls") as http:
        for url in ("s3://calls", "s3://calls/in-secret", "s3://another/in", "/srv/calls-of-others", "/etc"):
            assert await refusal(http, batch_of(url)) == (403, "forbidden", "input.url")
        for url in ("s3://calls/in", "s3://calls/in/", "s3://calls/in/today", "/srv/calls", "//srv/calls/a"):
            answer = await http.post("/v1/jobs", json=batch_of(url), headers=CALLER)
            assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    "url", ["", "calls", "s3://calls/in/../out", "/srv/calls/../../etc", "/srv/calls/%2e%2e", "s3://", "/a\0", 7, None]
)
async def test_a_bucket_must_have_a_name(gateway_with: GatewayWith, url: Any) -> None:
    async with gateway_with(batch_locations="s3://calls/in,/srv/calls") as http:
        assert await refusal(http, batch_of(url)) == (400, "invalid-input", "input.url")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *(("children", 0), ("children", 101), ("children", "many"), ("task", "sing"), ("language", "../en")),
        *(("temperature", 2), ("prompt", "x" * 8193), ("keywords", ["x"] * 101), ("keywords", "echo")),
    ],
)
async def test_options_have_the_bounds_of_the_call(gateway_with: GatewayWith, member: str, value: Any) -> None:
    async with gateway_with(batch_locations="s3://calls") as http:
        status, kind, param = await refusal(http, batch_of("s3://calls", **{member: value}))
        assert (status, kind, param.split(".")[:2]) == (400, "invalid-input", ["input", member])


async def test_where_no_bucket_is_allowed_the_kind_is_refused(gateway_with: GatewayWith) -> None:
    async with gateway_with(batch_locations="") as http:
        assert await refusal(http, batch_of("s3://calls")) == (501, "not-served", "kind")
