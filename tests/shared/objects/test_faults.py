"""An S3 that misbehaves: what passes is not noticed, what lasts is said soon, and nothing is ever half there."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.retries.standard import ExponentialBackoff

from shared.objects import ObjectStore
from shared.objects.s3 import S3Objects, connect
from shared.problems import AlreadyExists, Conflict, NotFound, Problem, StorageFull, StorageRefused, Unavailable
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
from tests.shared.objects.s3_server import new_bucket

ATTEMPTS = 3
BODY = random.Random(1).randbytes(300_000)

PASSING = {
    "500": error(500, "InternalError"),
    "503": error(503, "SlowDown"),
    "reset": reset,
    "lost": lost,
}
BROKEN_BODIES = {"reset inside": reset_inside, "truncated": truncated, "shortened": shortened}
REFUSALS = {code: error(403, code) for code in ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")} | {
    "ExpiredToken": error(400, "ExpiredToken"),
    "NoSuchBucket": error(404, "NoSuchBucket"),
}

CALLS: dict[Operation, Callable[[ObjectStore], object]] = {
    "get": lambda objects: objects.get("a"),
    "put": lambda objects: objects.put("a", BODY),
    "head": lambda objects: objects.head("a").size_bytes,
    "delete": lambda objects: objects.delete("b"),
    "list": lambda objects: [info.key for info in objects.list()],
}


@pytest.fixture(scope="module")
def proxy(s3_server: str) -> Iterator[Misbehaving]:
    with misbehaving(s3_server) as proxy:
        yield proxy


@pytest.fixture
def faulty(proxy: Misbehaving, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> S3Objects:
    """A store through the proxy, of one object; its pauses are short."""
    proxy.set()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.address)
    monkeypatch.setitem(ExponentialBackoff._DEFAULT_BACKOFF_CONFIG, "throttling_base_scale", 0.01)
    client = connect(attempts=ATTEMPTS, read_timeout_seconds=2)
    objects = S3Objects(client, new_bucket(client), "prefix")
    objects.put("a", BODY)
    return objects


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_not_noticed_and_what_lasts_is_said_after_a_few_tries(
    faulty: S3Objects, proxy: Misbehaving, operation: Operation, fault: Fault
) -> None:
    wanted = CALLS[operation](faulty)
    proxy.set(Rule(fault, (operation,), times=ATTEMPTS - 1))
    assert CALLS[operation](faulty) == wanted
    assert len(proxy.requests) == ATTEMPTS
    proxy.set(Rule(fault, (operation,)))
    with pytest.raises(Unavailable):
        CALLS[operation](faulty)
    assert len(proxy.requests) == ATTEMPTS
    proxy.set()
    assert [(info.key, info.size_bytes) for info in faulty.list()] == [("a", len(BODY))]


def test_silence_is_given_up_after_a_few_tries(faulty: S3Objects, proxy: Misbehaving) -> None:
    def ask(operation: Operation) -> None:
        with pytest.raises(Unavailable):
            CALLS[operation](faulty)

    proxy.set(Rule(silence))
    with ThreadPoolExecutor(len(CALLS)) as pool:
        list(pool.map(ask, CALLS))
    assert Counter(operation for operation, _ in proxy.requests) == dict.fromkeys(CALLS, ATTEMPTS)
    proxy.set(Rule(silence, times=2))
    assert faulty.get("a") == BODY


def test_an_error_that_breaks_off_is_a_storage_that_cannot_be_reached(faulty: S3Objects, proxy: Misbehaving) -> None:
    proxy.set(Rule(reset_inside, ("get",)))
    with pytest.raises(Unavailable):
        faulty.get("nothing there")
    proxy.set()
    with pytest.raises(NotFound):
        faulty.get("nothing there")


@pytest.mark.parametrize("fault", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_said_at_once(faulty: S3Objects, proxy: Misbehaving, fault: Fault) -> None:
    for operation in ("get", "put", "delete", "list"):
        proxy.set(Rule(fault))
        with pytest.raises(StorageRefused):
            CALLS[operation](faulty)
        assert len(proxy.requests) == 1


@pytest.mark.parametrize("fault", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
class TestBody:
    def test_one_that_breaks_off_is_fetched_to_its_end(
        self, faulty: S3Objects, proxy: Misbehaving, fault: Fault
    ) -> None:
        proxy.set(Rule(fault, ("get",), times=2))
        assert faulty.get("a") == BODY

    def test_one_that_never_comes_whole_is_never_taken_for_whole(
        self, faulty: S3Objects, proxy: Misbehaving, fault: Fault
    ) -> None:
        proxy.set(Rule(fault, ("get",)))
        with pytest.raises(Unavailable):
            faulty.get("a")
        assert len(proxy.requests) <= 4 * ATTEMPTS

    def test_a_listing_that_breaks_off_is_never_taken_for_whole(
        self, faulty: S3Objects, proxy: Misbehaving, fault: Fault
    ) -> None:
        proxy.set(Rule(fault, ("list",)))
        with pytest.raises(Unavailable):
            list(faulty.list())
        assert len(proxy.requests) <= ATTEMPTS


def test_a_slow_server_is_waited_for_as_long_as_it_sends(faulty: S3Objects, proxy: Misbehaving) -> None:
    faulty.put("b", BODY[:1_000])
    proxy.set(Rule(slow, ("get",)))
    assert faulty.get("b") == BODY[:1_000]
    assert len(proxy.requests) == 1


def test_what_others_wrote_is_as_long_as_the_answer_says(faulty: S3Objects) -> None:
    faulty._client.put_object(Bucket=faulty._bucket, Key="prefix/theirs", Body=b"abc")
    assert faulty.get("theirs") == b"abc"


@pytest.mark.parametrize(("status", "code"), [(507, "XMinioStorageFull"), (403, "QuotaExceeded")])
def test_a_full_server_is_said_so(faulty: S3Objects, proxy: Misbehaving, status: int, code: str) -> None:
    proxy.set(Rule(error(status, code), ("put",)))
    with pytest.raises(StorageFull):
        faulty.put("b", b"")


class TestConditions:
    @pytest.mark.parametrize(("status", "code"), [(409, "ConditionalRequestConflict"), (412, "PreconditionFailed")])
    def test_only_a_put_with_a_condition_finds_something_there(
        self, faulty: S3Objects, proxy: Misbehaving, status: int, code: str
    ) -> None:
        proxy.set(Rule(error(status, code), ("put",)))
        with pytest.raises(AlreadyExists):
            faulty.put("b", b"", if_absent=True)
        with pytest.raises(Unavailable):
            faulty.put("b", b"")

    def test_a_put_finds_nothing_missing(self, faulty: S3Objects, proxy: Misbehaving) -> None:
        proxy.set(Rule(error(404, "NoSuchKey"), ("put",)))
        with pytest.raises(Unavailable):
            faulty.put("b", b"")

    def test_a_lost_answer_leaves_one_object_whole(self, faulty: S3Objects, proxy: Misbehaving) -> None:
        proxy.set(Rule(lost, ("put",), times=1))
        with pytest.raises(AlreadyExists):  # as documented
            faulty.put("b", BODY, if_absent=True)
        assert faulty.get("b") == BODY

    @pytest.mark.parametrize(("status", "code"), [(409, "ConditionalRequestConflict"), (412, "PreconditionFailed")])
    def test_a_move_that_the_storage_refuses_to_make_replaces_nothing(
        self, faulty: S3Objects, proxy: Misbehaving, status: int, code: str
    ) -> None:
        etag = faulty.head("a").etag
        proxy.set(Rule(error(status, code), ("put",)))  # the copy
        with pytest.raises(AlreadyExists):
            faulty.move("a", "b", if_match=etag, if_absent=True)
        with pytest.raises(Conflict):
            faulty.move("a", "b", if_match=etag)
        assert faulty.exists("a")

    def test_a_move_whose_answer_was_lost_is_ended(self, faulty: S3Objects, proxy: Misbehaving) -> None:
        proxy.set(Rule(lost, ("put",), times=ATTEMPTS))
        with pytest.raises(Unavailable):
            faulty.move("a", "b", if_match=(etag := faulty.head("a").etag), if_absent=True)
        faulty.move("a", "b", if_match=etag, if_absent=True)
        assert [info.key for info in faulty.list()] == ["b"]

    def test_a_move_of_what_was_uploaded_in_parts_is_ended_too(self, faulty: S3Objects, proxy: Misbehaving) -> None:
        place = faulty._at("parts")
        upload = {**place, "UploadId": faulty._client.create_multipart_upload(**place)["UploadId"]}
        part = faulty._client.upload_part(**upload, PartNumber=1, Body=BODY)
        parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
        faulty._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        etag = faulty.head("parts").etag
        proxy.set(Rule(lost, ("put",), times=ATTEMPTS))
        with pytest.raises(Unavailable):
            faulty.move("parts", "b", if_match=etag, if_absent=True)
        assert faulty.head("b").etag != etag
        faulty.move("parts", "b", if_match=etag, if_absent=True)
        assert [info.key for info in faulty.list()] == ["a", "b"]

    def test_what_is_gone_after_it_was_listed_is_not_found_and_may_be_deleted(
        self, faulty: S3Objects, proxy: Misbehaving
    ) -> None:
        proxy.set(Rule(error(404, "NoSuchKey"), ("get", "head", "delete")))
        (found,) = faulty.list()
        for call in (faulty.get, faulty.head):
            with pytest.raises(NotFound):
                call(found.key)
        faulty.delete(found.key)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_storm_all_is_whole_or_said_to_fail(faulty: S3Objects, proxy: Misbehaving, seed: int) -> None:
    proxy.set(*(Rule(fault, rate=0.08) for fault in (PASSING | BROKEN_BODIES).values()), seed=seed)
    chance = random.Random(seed)
    contents = {f"k{number:02}": chance.randbytes(chance.randint(0, 50_000)) for number in range(40)}
    taken = [key for key, data in contents.items() if _went_well(lambda key=key, data=data: faulty.put(key, data))]
    read = [key for key in contents if _went_well(lambda key=key: _require(faulty.get(key) == contents[key]))]
    assert len(taken) > 30
    assert len(read) > 30
    proxy.set()
    there = [info.key for info in faulty.list("k")]
    assert set(taken) <= set(there)
    for key in there:
        assert faulty.get(key) == contents[key]


def _went_well(call: Callable[[], object]) -> bool:
    try:
        call()
    except Problem:
        return False
    return True


def _require(is_so: bool) -> None:
    assert is_so
