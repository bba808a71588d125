"""Sentiments of all texts in a bucket or folder as a job: a gateway, workers that are killed, the real service."""

import json
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.objects import ObjectStore, open_objects
from shared.objects.s3 import connect
from tests.gateway.jobs.stack import Stack, ended, fetched, running, submitted
from tests.shared.objects.s3_server import new_bucket, running_s3
from tests.started import patiently

WORDS = {"sad": "NEGATIVE", "wonderful": "POSITIVE", "grey": "NEUTRAL"}


class Texts:
    """A place that jobs may read and write: all below `location`."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.objects: ObjectStore = open_objects(location)

    def order(self, **members: Any) -> dict[str, Any]:
        given = {"url": f"{self.location}/in/", "output": f"{self.location}/out/mine", **members}
        return {"kind": "sentiment-detection", "input": given}

    def result(self, job_id: str) -> list[dict[str, Any]]:
        """Return the lines of the one file in what the job wrote."""
        packed = self.objects.get(f"out/mine-{job_id.removeprefix('job_')}/output/output.tar.gz")
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            assert archive.getnames() == ["output"]
            file = archive.extractfile("output")
            assert file
            return [json.loads(line) for line in file.read().splitlines()]


@pytest.fixture(scope="module", params=["folder", "s3"])
def texts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Texts]:
    if request.param == "folder":
        yield Texts(str(tmp_path_factory.mktemp("texts")))
        return
    with running_s3():
        yield Texts(f"s3://{new_bucket(connect())}/texts")


@pytest.fixture(scope="module")
def stack(engines: Stack, texts: Texts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    allowed = {
        "TIMBRE_MEDIA_LOCATIONS": f"{texts.location}/in,{texts.location}/other",
        "TIMBRE_OUTPUT_LOCATIONS": f"{texts.location}/out",
    }
    with running(tmp_path_factory.mktemp("stack"), "gateway", "worker", **engines.as_services, **allowed) as stack:
        yield stack


@pytest.fixture(autouse=True)
def empty(texts: Texts) -> None:
    texts.objects.delete_all("")


def summary_of(http: httpx.Client, job_id: str) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(fetched(http, ended(http, job_id, 60))["summary"])
    return summary


class TestResults:
    def test_each_line_is_a_text(self, stack: Stack, http: httpx.Client, texts: Texts) -> None:
        said = [f"Number {number} is {word}." for number in range(200) for word in WORDS]
        texts.objects.put("in/a/reviews.txt", "\n".join(said).encode())
        texts.objects.put("in/b.txt", b"I love it.\n\n" + b"a" * 5_001 + b"\nI love it and I hate it.\n")
        job_id = submitted(http, texts.order())
        expected = [
            {"File": "a/reviews.txt", "Line": line, "Sentiment": WORDS[text.split()[-1][:-1]]}
            for line, text in enumerate(said)
        ]
        expected += [
            {"File": "b.txt", "Line": 0, "Sentiment": "POSITIVE"},
            {"File": "b.txt", "Line": 1, "ErrorCode": "InvalidRequestException"},
            {"File": "b.txt", "Line": 2, "ErrorCode": "TextSizeLimitExceededException"},
            {"File": "b.txt", "Line": 3, "Sentiment": "MIXED"},
        ]
        summary = summary_of(http, job_id)
        found = texts.result(job_id)
        assert [{name: line[name] for name in line if name in expected[0] | expected[-2]} for line in found] == expected
        assert summary["documents"] == len(found)
        assert summary["failed"] == 2
        assert summary["output"].startswith(texts.location)
        assert sum(found[0]["SentimentScore"].values()) == pytest.approx(1, abs=0.001)
        assert all(line["ErrorMessage"] for line in found if "ErrorCode" in line)
        assert list(stack.stored()) == [f"jobs/{job_id}/summary.json"]

    def test_each_file_is_a_text(self, http: httpx.Client, texts: Texts) -> None:
        for number in range(260):
            texts.objects.put(f"in/{number:03}.txt", b"I am sad.\nVery." if number % 2 else b"How wonderful!")
        job_id = submitted(http, texts.order(document="file"))
        assert summary_of(http, job_id)["documents"] == 260
        found = texts.result(job_id)
        assert [line["File"] for line in found] == [f"{number:03}.txt" for number in range(260)]
        assert [line["Sentiment"] for line in found] == ["POSITIVE", "NEGATIVE"] * 130
        assert "Line" not in found[0]

    def test_names_that_begin_alike(self, http: httpx.Client, texts: Texts) -> None:
        for key in ("in/day-1.txt", "in/day-2.txt", "in/night.txt"):
            texts.objects.put(key, b"I am sad.")
        job_id = submitted(http, texts.order(url=f"{texts.location}/in/day"))
        summary_of(http, job_id)
        assert [line["File"] for line in texts.result(job_id)] == ["day-1.txt", "day-2.txt"]

    def test_only_what_is_allowed_is_read(self, http: httpx.Client, texts: Texts) -> None:
        texts.objects.put("in/a.txt", b"I am sad.")
        texts.objects.put("in-secret/a.txt", b"I am wonderful.")
        job_id = submitted(http, texts.order(url=f"{texts.location}/in"))
        summary_of(http, job_id)
        assert [line["File"] for line in texts.result(job_id)] == ["in/a.txt"]

    def test_nothing_to_read(self, http: httpx.Client, texts: Texts) -> None:
        job = ended(http, submitted(http, texts.order()))
        assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:invalid-input")
        assert texts.objects.find("out") is None

    def test_nothing_of_a_text_is_logged(self, stack: Stack, http: httpx.Client, texts: Texts) -> None:
        texts.objects.put("in/pumpernickel.txt", b"I hate sauerkraut.")
        summary_of(http, submitted(http, texts.order()))
        logs = stack.log("gateway") + stack.log("worker")
        assert "pumpernickel" not in logs
        assert "sauerkraut" not in logs
        assert texts.location not in logs


@pytest.mark.parametrize(
    ("members", "status", "slug", "param"),
    [
        ({"url": "{}/elsewhere/"}, 403, "forbidden", "input.url"),
        ({"url": "{}/in-secret"}, 403, "forbidden", "input.url"),
        ({"url": "{}/in/../out"}, 400, "invalid-input", "input.url"),
        ({"url": "in"}, 400, "invalid-input", "input.url"),
        ({"output": "{}/in/mine"}, 403, "forbidden", "input.output"),
        ({"output": "{}/out/../in"}, 400, "invalid-input", "input.output"),
        ({"output": "{}/out/" + "a" * 250}, 400, "invalid-input", "input.output"),
        ({"output": None}, 400, "invalid-input", "input.output"),
        ({"document": "page"}, 400, "invalid-input", "input.document"),
    ],
)
def test_refusals(
    http: httpx.Client, texts: Texts, members: dict[str, Any], status: int, slug: str, param: str
) -> None:
    given = {name: told.format(texts.location) if told else told for name, told in members.items()}
    answer = http.post("/v1/jobs", json=texts.order(**given))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:timbre:problem:{slug}")
    assert answer.json()["param"] == param


def test_without_a_place_the_kind_is_not_served(tmp_path: Path) -> None:
    with running(tmp_path / "stack", "gateway") as stack, stack.client() as http:
        answer = http.post("/v1/jobs", json=Texts(str(tmp_path)).order())
    assert (answer.status_code, answer.json()["type"]) == (501, "urn:timbre:problem:not-served")


def test_a_worker_that_is_killed_is_followed_by_another(engines: Stack, tmp_path: Path) -> None:
    texts = Texts(str(tmp_path / "texts"))
    said = [f"Number {number} is {word}." for number in range(1_000) for word in WORDS]
    texts.objects.put("in/all.txt", "\n".join(said).encode())
    allowed = {"TIMBRE_MEDIA_LOCATIONS": f"{texts.location}/in", "TIMBRE_OUTPUT_LOCATIONS": f"{texts.location}/out"}
    with running(tmp_path / "stack", "gateway", **engines.as_services, **allowed) as stack, stack.client() as http:
        job_id = submitted(http, texts.order())
        stack.start("one", TIMBRE_PARTS_AT_ONCE="1")
        assert any(stack.stored().get(f"jobs/{job_id}/parts/000002.jsonl") for _ in patiently()), stack.log("one")
        stack.kill("one")
        texts.objects.delete_all("in/")  # what was read is not read again
        stack.start("two")
        assert summary_of(http, job_id)["documents"] == 3_000
        assert list(stack.stored()) == [f"jobs/{job_id}/summary.json"]
    found = texts.result(job_id)
    assert [line["Line"] for line in found] == list(range(3_000))
    assert [line["Sentiment"] for line in found] == [WORDS[text.split()[-1][:-1]] for text in said]


def test_what_is_cancelled_leaves_nothing(engines: Stack, tmp_path: Path) -> None:
    texts = Texts(str(tmp_path / "texts"))
    texts.objects.put("in/all.txt", b"I am sad.\n" * 20_000)
    allowed = {"TIMBRE_MEDIA_LOCATIONS": f"{texts.location}/in", "TIMBRE_OUTPUT_LOCATIONS": f"{texts.location}/out"}
    with running(tmp_path / "stack", "gateway", **engines.as_services, **allowed) as stack, stack.client() as http:
        job_id = submitted(http, texts.order())
        stack.start("worker", TIMBRE_PARTS_AT_ONCE="1")
        assert any(stack.stored().get(f"jobs/{job_id}/parts/000000.jsonl") for _ in patiently()), stack.log("worker")
        assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        assert any(not stack.stored() for _ in patiently()), stack.stored()
    assert not list(texts.objects.list("out/"))
