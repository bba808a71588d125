"""Jobs whose storage fails: S3 behind a proxy that misbehaves. What passes is not noticed, what lasts is the reason."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from shared.objects import ObjectStore, open_objects
from shared.objects.s3 import connect
from tests.gateway.jobs.stack import HASTY_WORKER, Stack, ended, fetched, order, running, submitted
from tests.shared.objects.misbehaving import (
    Fault,
    Misbehaving,
    Operation,
    Rule,
    error,
    lost,
    misbehaving,
    reset,
    reset_inside,
    shortened,
    silence,
    slow,
    truncated,
)
from tests.shared.objects.s3_server import new_bucket, running_s3
from tests.started import patiently

TEXT = " ".join(f"Sentence number {number} is one of some in a text." for number in range(45))
RESULTS = {"audio.wav", "tagged.ssml", "text.txt"}
PARTS = r"/parts/\d+\.pcm$"
AUDIO = r"/audio\.wav$"

EVERY: tuple[Operation, ...] = ("get", "put", "delete", "list")
PASSING: dict[str, tuple[Fault, tuple[Operation, ...]]] = {
    "500": (error(500, "InternalError"), EVERY),
    "503": (error(503, "SlowDown"), EVERY),
    "404 though it is there": (error(404, "NoSuchKey"), ("get", "put")),
    "409": (error(409, "OperationAborted"), EVERY),
    "reset": (reset, EVERY),
    "lost": (lost, EVERY),
    "reset inside": (reset_inside, EVERY),
    "truncated": (truncated, EVERY),
    "shortened": (shortened, EVERY),
}
LASTING = {
    "500 while a part is stored": (Rule(error(500, "InternalError"), ("put",), PARTS), "unavailable"),
    "503 while a part is read": (Rule(error(503, "SlowDown"), ("get",), PARTS), "unavailable"),
    "silence while the text is stored": (Rule(silence, ("put",), r"/text\.txt$"), "unavailable"),
    "reset inside each part": (Rule(reset_inside, ("get",), PARTS), "unavailable"),
    "each part cut short": (Rule(shortened, ("get",), PARTS), "unavailable"),
    "a part that is not there": (Rule(error(404, "NoSuchKey"), ("get",), PARTS), "unavailable"),
    "no answer to the audio": (Rule(lost, ("put",), AUDIO), "unavailable"),
    "a full server": (Rule(error(507, "XMinioStorageFull"), ("put",), AUDIO), "storage-full"),
    "expired credentials": (Rule(error(400, "ExpiredToken")), "storage-refused"),
    "credentials that expire on the way": (Rule(error(400, "ExpiredToken"), path=PARTS), "storage-refused"),
    "another's bucket": (Rule(error(403, "AccessDenied"), ("put",)), "storage-refused"),
}
LIGHT = (
    "each part cut short",
    "a full server",
    "credentials that expire on the way",
)


def some_heavy(cases: dict[str, Any], *light: str) -> list[Any]:
    """Return the cases as parameters, of which only the light ones run by default."""
    return [
        pytest.param(case, id=name, marks=[] if name in light else pytest.mark.heavy) for name, case in cases.items()
    ]


@pytest.fixture(scope="module")
def proxy() -> Iterator[Misbehaving]:
    with running_s3() as address, misbehaving(address) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def location(proxy: Misbehaving) -> str:
    return f"s3://{new_bucket(connect())}/prefix"


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, engines: Stack, proxy: Misbehaving, location: str
) -> Iterator[Stack]:
    """A gateway and a worker that store through the proxy."""
    settings = engines.as_services | {"TIMBRE_DATA": location, "AWS_ENDPOINT_URL_S3": proxy.address}
    with running(tmp_path_factory.mktemp("stored"), "gateway", **settings) as stack:
        stack.start("worker", HASTY_WORKER)
        yield stack


@pytest.fixture
def http(stack: Stack, proxy: Misbehaving) -> Iterator[httpx.Client]:
    proxy.set()
    with stack.client() as http:
        yield http


@pytest.fixture(scope="module")
def bucket(location: str, proxy: Misbehaving) -> ObjectStore:
    """What lies in S3, seen past the proxy."""
    return open_objects(location)


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, proxy: Misbehaving) -> bytes:
    proxy.set()
    with stack.client() as http:
        return fetched(http, ended(http, submitted(http, order(TEXT))))["audio"]


def stored(bucket: ObjectStore, job_id: str) -> set[str]:
    folder = f"jobs/{job_id}/"
    return {info.key.removeprefix(folder) for info in bucket.list(folder)}


@pytest.mark.parametrize("case", some_heavy(PASSING, "404 though it is there", "lost", "shortened"))
def test_what_passes_is_not_noticed(
    http: httpx.Client,
    proxy: Misbehaving,
    bucket: ObjectStore,
    undisturbed: bytes,
    case: tuple[Fault, tuple[Operation, ...]],
) -> None:
    fault, operations = case
    proxy.set(Rule(fault, ("put",), times=1), Rule(fault, ("get",), times=1), Rule(fault, operations, rate=0.1))
    job = ended(http, submitted(http, order(TEXT)))
    proxy.set()
    assert fetched(http, job)["audio"] == undisturbed
    assert stored(bucket, job["id"]) == RESULTS


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(20))
def test_a_storm_of_all_of_them_is_not_noticed(
    http: httpx.Client, proxy: Misbehaving, bucket: ObjectStore, undisturbed: bytes, seed: int
) -> None:
    proxy.set(*(Rule(*case, rate=0.04) for case in PASSING.values()), seed=seed)
    job = ended(http, submitted(http, order(TEXT)))
    proxy.set()
    assert fetched(http, job)["audio"] == undisturbed
    assert stored(bucket, job["id"]) == RESULTS


@pytest.mark.parametrize("case", some_heavy(LASTING, *LIGHT))
def test_what_lasts_is_the_reason_and_the_job_can_be_taken_up_again(
    http: httpx.Client, proxy: Misbehaving, bucket: ObjectStore, undisturbed: bytes, case: tuple[Rule, str]
) -> None:
    rule, reason = case
    proxy.set(rule)
    job = ended(http, submitted(http, order(TEXT)))
    assert (job["state"], job["error"]["type"]) == ("failed", f"urn:timbre:problem:{reason}")
    assert job["error"]["detail"]
    assert http.get(f"/v1/jobs/{job['id']}/results/audio").status_code == 404
    proxy.set()
    for info in bucket.list(f"jobs/{job['id']}/"):
        assert bucket.get(info.key)  # none is half there
    assert http.post(f"/v1/jobs/{job['id']}/retry").status_code == 202
    job = ended(http, job["id"])
    assert fetched(http, job)["audio"] == undisturbed
    assert stored(bucket, job["id"]) == RESULTS


def test_what_is_to_be_removed_is_removed_however_long_the_storage_refuses(
    http: httpx.Client, proxy: Misbehaving, bucket: ObjectStore
) -> None:
    job_id = submitted(http, order("Good morning."))
    assert ended(http, job_id)["state"] == "succeeded"
    proxy.set(Rule(error(403, "AccessDenied"), ("list", "delete")))
    before = len(proxy.requests)
    assert http.delete("/v1/jobs").status_code == 202
    assert any(len(proxy.requests) > before + 3 for _ in patiently(30))  # more than the first tries
    assert stored(bucket, job_id)
    assert http.get(f"/v1/jobs/{job_id}").status_code == 200
    proxy.set()
    assert any(not stored(bucket, job_id) for _ in patiently(60))
    assert any(http.get(f"/v1/jobs/{job_id}").status_code == 404 for _ in patiently(10))


def test_expired_credentials_make_no_storm(http: httpx.Client, proxy: Misbehaving) -> None:
    proxy.set(Rule(error(400, "ExpiredToken")))
    ids = [submitted(http, order(TEXT)) for _ in range(5)]
    for job_id in ids:
        assert ended(http, job_id)["error"]["status"] == 503
    of_these = [path for _, path in proxy.requests if any(job_id in path for job_id in ids)]
    assert len(of_these) == len(ids)  # what tidies after earlier jobs may ask too


class TestResults:
    @pytest.mark.parametrize("fault", [reset_inside, shortened])
    def test_one_that_breaks_off_is_sent_whole(
        self, http: httpx.Client, proxy: Misbehaving, undisturbed: bytes, fault: Fault
    ) -> None:
        job = ended(http, submitted(http, order(TEXT)))
        proxy.set(Rule(fault, ("get",), times=2))
        assert fetched(http, job)["audio"] == undisturbed

    @pytest.mark.parametrize(
        ("fault", "slug"),
        [(error(500, "InternalError"), "unavailable"), (error(400, "ExpiredToken"), "storage-refused")],
    )
    def test_one_that_cannot_be_read_is_a_problem(
        self, http: httpx.Client, proxy: Misbehaving, fault: Fault, slug: str
    ) -> None:
        job = ended(http, submitted(http, order("Good morning.")))
        proxy.set(Rule(fault, ("get",)))
        answer = http.get(f"/v1/jobs/{job['id']}/results/audio")
        assert (answer.status_code, answer.json()["type"]) == (503, f"urn:timbre:problem:{slug}")

    def test_a_slow_server_makes_a_slow_answer(self, http: httpx.Client, proxy: Misbehaving) -> None:
        job = ended(http, submitted(http, order("Good morning.")))
        proxy.set(Rule(slow, ("get",)))
        assert http.get(f"/v1/jobs/{job['id']}/results/text").text == "Good morning."

    @pytest.mark.heavy
    def test_a_silent_server_keeps_nobody_waiting_but_those_who_ask_for_results(
        self, http: httpx.Client, proxy: Misbehaving
    ) -> None:
        job = ended(http, submitted(http, order("Good morning.")))
        proxy.set(Rule(silence, ("get",)))
        with ThreadPoolExecutor(40) as pool:
            results = [pool.submit(http.get, f"/v1/jobs/{job['id']}/results/text") for _ in range(40)]
            assert any(len(proxy.requests) == len(results) for _ in patiently(20))  # all hang
            assert http.get("/v1/jobs").status_code == 200
            assert not any(result.done() for result in results)
            proxy.set()
            assert {result.result().text for result in results} == {"Good morning."}
