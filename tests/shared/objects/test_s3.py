"""What only S3 can do wrong: errors, broken downloads, bad credentials, pages that come twice."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from shared.objects import open_objects
from shared.objects.base import LeftOut
from shared.objects.s3 import S3Objects, connect
from shared.problems import Conflict, NotFound, Unavailable
from tests.shared.objects.misbehaving import Rule, error, misbehaving
from tests.shared.objects.s3_server import fill

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

BODY = bytes(range(256)) * 20_000


@dataclass
class Answer:
    """One scripted answer; `cut_after` closes the connection after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None


@dataclass
class Script:
    """Answers in their order (the last one for ever), and the ranges that were asked for."""

    answers: list[Answer] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)

    def next(self, asked_range: str | None) -> Answer:
        self.ranges.append(asked_range)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = script.next(self.headers["Range"])
            self.send_response(answer.status)
            for name, value in {"ETag": '"e"', "Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(answer.body[: answer.cut_after])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Script, S3Objects]]:
    """Start a server that answers as the script says."""
    script = Script()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        objects = S3Objects(connect(attempts=2, read_timeout_seconds=5), "bucket")
    yield script, objects
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def script(running: tuple[Script, S3Objects]) -> Script:
    running[0].answers.clear()
    running[0].ranges.clear()
    return running[0]


@pytest.fixture
def faulty(running: tuple[Script, S3Objects], script: Script) -> S3Objects:
    return running[1]


def _rest(offset_bytes: int, cut_after: int | None = None) -> Answer:
    last = len(BODY) - 1
    return Answer(206, BODY[offset_bytes:], {"Content-Range": f"bytes {offset_bytes}-{last}/{last + 1}"}, cut_after)


def _error(status: int, code: str) -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode())


def test_an_object_has_the_servers_address(s3_client: "S3Client", bucket: str) -> None:
    key = "Grüße/a b+c&d=e?f#g%20.txt"
    place = {"Bucket": bucket, "Key": f"some/prefix/{key}"}
    signed = s3_client.generate_presigned_url("get_object", Params=place)
    assert S3Objects(s3_client, bucket, "some/prefix").address(key) == signed.partition("?")[0]


def test_a_broken_download_goes_on_where_it_stopped(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [Answer(body=BODY, cut_after=1 << 21), _rest(1 << 21, cut_after=1 << 20), _rest(3 << 20)]
    assert faulty.get("a") == BODY
    assert script.ranges == [None, "bytes=2097152-", "bytes=3145728-"]


@pytest.mark.parametrize("cut_after", [0, 1, 1000, 2_500_000, len(BODY) - 1])
def test_a_download_that_keeps_breaking_is_never_taken_for_whole(
    faulty: S3Objects, script: Script, cut_after: int
) -> None:
    script.answers[:] = [Answer(body=BODY, cut_after=cut_after), _error(503, "SlowDown")]
    with pytest.raises(Unavailable):
        faulty.get("a")
    assert len(script.ranges) == 3


def test_a_server_that_ignores_the_range_is_not_believed(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [Answer(body=BODY, cut_after=1 << 20), Answer(body=BODY)]
    with pytest.raises(Unavailable):
        faulty.get("a")


def test_an_object_that_changes_while_it_is_read_is_not_mixed(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [Answer(body=BODY, cut_after=1 << 20), _error(412, "PreconditionFailed")]
    with pytest.raises(Unavailable):
        faulty.get("a")


@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown"), (200, "InternalError")])
def test_a_passing_error_is_tried_again(faulty: S3Objects, script: Script, status: int, code: str) -> None:
    if status == 200:
        script.answers[:] = [Answer(502, b"<html>bad gateway</html>"), Answer(body=b"good")]
    else:
        script.answers[:] = [_error(status, code), Answer(body=b"good")]
    assert faulty.get("a") == b"good"


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AccessDenied"), (403, "InvalidAccessKeyId"), (400, "ExpiredToken"), (404, "NoSuchBucket"),
     (301, "PermanentRedirect"), (403, "RequestTimeTooSkewed")],
)  # fmt: skip
def test_what_will_not_pass_fails_at_once(faulty: S3Objects, script: Script, status: int, code: str) -> None:
    script.answers[:] = [_error(status, code)]
    with pytest.raises(Unavailable):
        faulty.get("a")
    # A redirect makes the client ask for the bucket's region first; nothing is asked a third time.
    assert len(script.ranges) <= 2


def test_a_storm_of_errors_ends(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [_error(503, "SlowDown")]
    with pytest.raises(Unavailable):
        faulty.get("a")
    assert len(script.ranges) == 2


def _page(numbers: range, token: str) -> Answer:
    entries = "".join(
        f"<Contents><Key>k{number:04}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
        for number in numbers
    )
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return Answer(body=f"<ListBucketResult>{more}{entries}</ListBucketResult>".encode())


def test_pages_that_come_twice_are_taken_once(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [_page(range(3), "t1"), _page(range(3), "t2"), _page(range(3, 5), "")]
    assert [info.key for info in faulty.list()] == ["k0000", "k0001", "k0002", "k0003", "k0004"]


def test_a_listing_that_turns_in_a_circle_ends(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [_page(range(3), "t1")]
    with pytest.raises(Unavailable):
        list(itertools.islice(faulty.list(), 100))


def test_a_listing_that_fails_half_way_says_so(faulty: S3Objects, script: Script) -> None:
    script.answers[:] = [_page(range(3), "t1"), _error(500, "InternalError")]
    with pytest.raises(Unavailable):
        list(faulty.list())


def test_no_server_at_all(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    objects = S3Objects(connect(attempts=1), bucket)
    calls: list[Callable[[], object]] = [
        lambda: objects.get("a"),
        lambda: objects.put("a", b""),
        lambda: objects.exists("a"),
        lambda: list(objects.list()),
        lambda: objects.delete("a"),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            call()


def test_no_credentials_at_all(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(Unavailable):
        S3Objects(connect(), bucket).get("a")


def test_a_location_names_bucket_and_prefix(s3_client: "S3Client", bucket: str) -> None:
    open_objects(f"s3://{bucket}/some/prefix/").put("a", b"1")
    assert S3Objects(s3_client, bucket).get("some/prefix/a") == b"1"


def test_list_goes_past_the_first_page(s3_client: "S3Client", bucket: str) -> None:
    keys = [f"items/{number:04}" for number in range(2001)]
    fill(bucket, keys)
    found = list(S3Objects(s3_client, bucket).list("items/"))
    assert [info.key for info in found] == keys
    assert {info.size_bytes for info in found} == {1}


def test_keys_of_others_in_the_bucket_are_not_listed(s3_client: "S3Client", bucket: str) -> None:
    fill(bucket, ["mine/a", "mine/b//c", "mine/d/../e", "mine/f\n", "mineral", "other"])
    for folder in ("mine/", "mine/g/"):
        s3_client.put_object(Bucket=bucket, Key=folder)
    left_out: list[LeftOut] = []
    assert [info.key for info in S3Objects(s3_client, bucket, "mine").list("", left_out.append)] == ["a"]
    assert [each.name for each in left_out] == ["b//c", "d/../e", "f\n"]


def test_a_bucket_that_is_not_there(s3_client: "S3Client") -> None:
    objects = S3Objects(s3_client, "no-such-bucket")
    with pytest.raises(Unavailable):
        objects.get("a")
    with pytest.raises(Unavailable):
        list(objects.list())
    with pytest.raises(NotFound):
        objects.head("a")  # an answer to HEAD has no body, so S3 cannot say which of the two is missing


class TestMoveInParts:
    LIMIT_BYTES = 5 << 20  # S3 takes no smaller part

    @pytest.fixture
    def objects(self, s3_client: "S3Client", bucket: str) -> S3Objects:
        return S3Objects(s3_client, bucket, "prefix", most_copy_bytes=self.LIMIT_BYTES)

    @pytest.mark.parametrize("if_absent", [False, True])
    def test_what_is_larger_than_a_copy_may_be(self, objects: S3Objects, if_absent: bool) -> None:
        content = bytes(range(256)) * (13 << 12)  # 13 MiB
        etag = objects.put("a/b", content)
        objects.move("a/b", "c/d", if_match=etag, if_absent=if_absent)
        assert [info.key for info in objects.list()] == ["c/d"]
        assert objects.head("c/d").etag.endswith("-3")
        assert objects.get("c/d") == content

    def test_another_version_is_not_moved(self, objects: S3Objects) -> None:
        etag = objects.put("a", bytes(self.LIMIT_BYTES + 1))
        objects.put("a", bytes(self.LIMIT_BYTES + 2))
        with pytest.raises(Conflict):
            objects.move("a", "b", if_match=etag)
        assert [info.key for info in objects.list()] == ["a"]

    def test_nothing_is_left_of_one_that_fails(
        self, objects: S3Objects, s3_client: "S3Client", bucket: str, s3_server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        etag = objects.put("a", bytes(self.LIMIT_BYTES + 1))
        with misbehaving(s3_server) as proxy:
            monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.address)
            faulty = S3Objects(connect(), bucket, "prefix", most_copy_bytes=self.LIMIT_BYTES)
            proxy.set(Rule(error(412, "PreconditionFailed"), ("put",), path="/b"))
            with pytest.raises(Conflict):
                faulty.move("a", "b", if_match=etag)
        assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=bucket)
        assert [info.key for info in objects.list()] == ["a"]
