"""Jobs over texts in S3, as boto3 starts, follows, lists and stops them."""

import json
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

from gateway.key_store import KeyStore
from tests.compat.conftest import REGION, Client, credentials
from tests.compat.test_door import error_of
from tests.stack import BUCKET, Storage, client_of
from tests.started import Started, patiently

pytestmark = pytest.mark.timeout(400)

ROLE = "arn:aws:iam::000000000000:role/comprehend"
GOOD, BAD = "The food was wonderful and I love this place.", "The waiter was rude, and I hate this awful soup."
MANY = 260
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 10}, proxies={}, read_timeout=70)
"""Of a client that waits where so many jobs are too many at once."""


@pytest.fixture(scope="module")
def comprehend(aws: Client) -> Any:
    return aws("comprehend")


@pytest.fixture
def prefix(storage: Storage) -> str:
    """A folder of the bucket for one test, in which three texts wait."""
    name = f"comprehend-{token_hex(4)}"
    storage.s3.put_object(Bucket=BUCKET, Key=f"{name}/in/a.txt", Body=f"{GOOD}\r\n{BAD}\n".encode())
    storage.s3.put_object(Bucket=BUCKET, Key=f"{name}/in/b.txt", Body=b"x" * 5_001)
    return name


def order(prefix: str, **members: Any) -> dict[str, Any]:
    return {
        "InputDataConfig": {"S3Uri": f"s3://{BUCKET}/{prefix}/in/", "InputFormat": "ONE_DOC_PER_LINE"},
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/{prefix}/out"},
        "DataAccessRoleArn": ROLE,
        "LanguageCode": "en",
        **members,
    }


def ended(comprehend: Any, job_id: str) -> dict[str, Any]:
    for _ in patiently():
        job = comprehend.describe_sentiment_detection_job(JobId=job_id)["SentimentDetectionJobProperties"]
        if job["JobStatus"] not in ("SUBMITTED", "IN_PROGRESS"):
            return dict(job)
    raise AssertionError(job)


def lines_of(storage: Storage, uri: str) -> list[dict[str, Any]]:
    found = urlsplit(uri)
    body = storage.s3.get_object(Bucket=found.netloc, Key=found.path[1:])["Body"].read()
    with tarfile.open(fileobj=BytesIO(body), mode="r:gz") as archive:
        file = archive.extractfile("output")
        assert file
        return [json.loads(line) for line in file]


def new_key(stack: Started) -> str:
    return KeyStore(stack.folder / ".timbre" / "keys.json").create(f"another {token_hex(4)}")


class TestResults:
    def test_a_text_on_each_line(self, comprehend: Any, storage: Storage, prefix: str) -> None:
        began = datetime.now(UTC) - timedelta(seconds=2)
        started = comprehend.start_sentiment_detection_job(**order(prefix, JobName="reviews of today"))
        assert started["JobStatus"] == "SUBMITTED"
        assert (
            started["JobArn"] == f"arn:aws:comprehend:{REGION}:000000000000:sentiment-detection-job/{started['JobId']}"
        )
        job = ended(comprehend, started["JobId"])
        assert job["JobStatus"] == "COMPLETED"
        assert (job["JobName"], job["LanguageCode"], job["DataAccessRoleArn"]) == ("reviews of today", "en", ROLE)
        assert job["InputDataConfig"] == order(prefix)["InputDataConfig"]
        assert began <= job["SubmitTime"] <= job["EndTime"] + timedelta(seconds=1)
        written = f"s3://{BUCKET}/{prefix}/out/000000000000-SENTIMENT-{job['JobId']}/output/output.tar.gz"
        assert job["OutputDataConfig"] == {"S3Uri": written}
        first, second, third = lines_of(storage, written)
        assert (first["File"], first["Line"], first["Sentiment"]) == ("a.txt", 0, "POSITIVE")
        assert sorted(first["SentimentScore"]) == ["Mixed", "Negative", "Neutral", "Positive"]
        assert (second["File"], second["Line"], second["Sentiment"]) == ("a.txt", 1, "NEGATIVE")
        assert (third["File"], third["Line"]) == ("b.txt", 0)
        assert third["ErrorCode"] == "TextSizeLimitExceededException"
        assert third["ErrorMessage"]

    def test_the_same_sentiments_as_in_calls(self, comprehend: Any, storage: Storage, prefix: str) -> None:
        job = ended(comprehend, comprehend.start_sentiment_detection_job(**order(prefix))["JobId"])
        first, second, _ = lines_of(storage, job["OutputDataConfig"]["S3Uri"])
        for line, text in ((first, GOOD), (second, BAD)):
            scores = comprehend.detect_sentiment(Text=text, LanguageCode="en")["SentimentScore"]
            assert line["SentimentScore"] == pytest.approx(scores, abs=0.02)

    def test_a_text_in_each_file_whose_name_begins_so(self, comprehend: Any, storage: Storage, prefix: str) -> None:
        for name, text in {"day-1": GOOD, "day-2": f"{BAD}\n{BAD}", "night": GOOD}.items():
            storage.s3.put_object(Bucket=BUCKET, Key=f"{prefix}/in/{name}", Body=text.encode())
        place = {"S3Uri": f"s3://{BUCKET}/{prefix}/in/day", "InputFormat": "ONE_DOC_PER_FILE"}
        started = comprehend.start_sentiment_detection_job(**order(prefix, InputDataConfig=place))
        job = ended(comprehend, started["JobId"])
        found = lines_of(storage, job["OutputDataConfig"]["S3Uri"])
        assert [(line["File"], line["Sentiment"]) for line in found] == [("day-1", "POSITIVE"), ("day-2", "NEGATIVE")]
        assert "Line" not in found[0]

    def test_nothing_to_read_fails_with_a_message(self, comprehend: Any, prefix: str) -> None:
        place = {"S3Uri": f"s3://{BUCKET}/{prefix}/empty/"}
        job = ended(
            comprehend, comprehend.start_sentiment_detection_job(**order(prefix, InputDataConfig=place))["JobId"]
        )
        assert job["JobStatus"] == "FAILED"
        assert "nothing to read" in job["Message"]


def test_a_token_makes_one_job(comprehend: Any, prefix: str) -> None:
    token = token_hex(8)
    start: Callable[..., Any] = comprehend.start_sentiment_detection_job
    first = start(**order(prefix, ClientRequestToken=token))
    ended(comprehend, first["JobId"])
    assert start(**order(prefix, ClientRequestToken=token))["JobId"] == first["JobId"]
    assert start(**order(prefix))["JobId"] != first["JobId"]
    error = error_of(start, **order(prefix, ClientRequestToken=token, JobName="another"))
    assert error[:2] == ("InvalidRequestException", 400)


class TestStop:
    def test_a_job_that_waits(self, comprehend: Any, storage: Storage, prefix: str) -> None:
        storage.s3.put_object(Bucket=BUCKET, Key=f"{prefix}/in/many", Body=f"{BAD}\n".encode() * 20_000)
        job_id = comprehend.start_sentiment_detection_job(**order(prefix))["JobId"]
        stopped = comprehend.stop_sentiment_detection_job(JobId=job_id)
        assert (stopped["JobId"], stopped["JobStatus"]) == (job_id, "STOP_REQUESTED")
        assert ended(comprehend, job_id)["JobStatus"] == "STOPPED"
        assert comprehend.stop_sentiment_detection_job(JobId=job_id)["JobStatus"] == "STOPPED"
        assert "Contents" not in storage.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/out")

    def test_a_job_that_has_ended(self, comprehend: Any, prefix: str) -> None:
        job_id = comprehend.start_sentiment_detection_job(**order(prefix))["JobId"]
        ended(comprehend, job_id)
        error = error_of(comprehend.stop_sentiment_detection_job, JobId=job_id)
        assert error[:2] == ("InvalidRequestException", 400)
        assert "COMPLETED" in error[2]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"LanguageCode": "de"}, "InvalidRequestException"),
        ({"InputDataConfig": {"S3Uri": "s3://somebody-elses/in/"}}, "InvalidRequestException"),
        ({"InputDataConfig": {"S3Uri": f"s3://{BUCKET}/../in/"}}, "InvalidRequestException"),
        ({"InputDataConfig": {"S3Uri": "/etc/passwd"}}, "InvalidRequestException"),
        ({"InputDataConfig": {"S3Uri": f"s3://{BUCKET}/in", "InputFormat": "ONE_DOC"}}, "InvalidRequestException"),
        ({"OutputDataConfig": {"S3Uri": "s3://somebody-elses"}}, "InvalidRequestException"),
        ({"OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/{'a/' * 500}"}}, "InvalidRequestException"),
        ({"OutputDataConfig": {"S3Uri": f"s3://{BUCKET}", "KmsKeyId": "mine"}}, "KmsKeyValidationException"),
        ({"VolumeKmsKeyId": "mine"}, "KmsKeyValidationException"),
        ({"DataAccessRoleArn": "arn:aws:iam::somebody"}, "InvalidRequestException"),
        ({"ClientRequestToken": "a b"}, "InvalidRequestException"),
    ],
)
def test_what_is_refused(comprehend: Any, members: dict[str, Any], code: str) -> None:
    assert error_of(comprehend.start_sentiment_detection_job, **order("nowhere", **members))[:2] == (code, 400)


@pytest.mark.parametrize("job_id", ["0" * 24, "job_" + "0" * 24, "../etc/passwd", "0" * 32])
def test_a_job_that_is_not_there(comprehend: Any, job_id: str) -> None:
    for call in (comprehend.describe_sentiment_detection_job, comprehend.stop_sentiment_detection_job):
        assert error_of(call, JobId=job_id)[:2] == ("JobNotFoundException", 404)


def test_a_key_sees_its_own_jobs_only(aws: Client, stack: Started, comprehend: Any, prefix: str) -> None:
    job_id = comprehend.start_sentiment_detection_job(**order(prefix))["JobId"]
    stranger = aws("comprehend", **credentials(new_key(stack)))
    assert error_of(stranger.describe_sentiment_detection_job, JobId=job_id)[0] == "JobNotFoundException"
    assert error_of(stranger.stop_sentiment_detection_job, JobId=job_id)[0] == "JobNotFoundException"
    assert stranger.list_sentiment_detection_jobs()["SentimentDetectionJobPropertiesList"] == []
    ended(comprehend, job_id)


@pytest.fixture(scope="class")
def owner(aws: Client, stack: Started) -> Iterator[Any]:
    """A client whose key has no jobs but those of `many`, and in the end none."""
    made = new_key(stack)
    yield aws("comprehend", **credentials(made), config=PATIENT)
    with client_of(stack, made) as http:
        assert http.delete("/v1/jobs").status_code == 202


@pytest.fixture(scope="class")
def many(owner: Any) -> list[str]:
    """The ids of many jobs, which find nothing to read."""
    place = {"S3Uri": f"s3://{BUCKET}/nowhere/"}

    def start(number: int) -> str:
        given = order("nowhere", InputDataConfig=place, JobName=f"job {number % 2}")
        return str(owner.start_sentiment_detection_job(**given)["JobId"])

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(start, range(MANY)))


class TestLists:
    def listed(self, owner: Any, **given: Any) -> list[dict[str, Any]]:
        pages = owner.get_paginator("list_sentiment_detection_jobs").paginate(**given)
        return [job for page in pages for job in page["SentimentDetectionJobPropertiesList"]]

    def test_all_of_many_newest_first(self, owner: Any, many: list[str]) -> None:
        jobs = self.listed(owner)
        assert sorted(job["JobId"] for job in jobs) == sorted(many)
        times = [job["SubmitTime"] for job in jobs]
        assert times == sorted(times, reverse=True)
        sizes = self.listed(owner, PaginationConfig={"PageSize": 7})
        assert [job["JobId"] for job in sizes] == [job["JobId"] for job in jobs]

    def test_a_page_says_whether_more_follow(self, owner: Any, many: list[str]) -> None:
        first = owner.list_sentiment_detection_jobs(MaxResults=200)
        assert len(first["SentimentDetectionJobPropertiesList"]) == 200
        rest = owner.list_sentiment_detection_jobs(MaxResults=200, NextToken=first["NextToken"])
        assert len(rest["SentimentDetectionJobPropertiesList"]) == MANY - 200
        assert "NextToken" not in rest

    def test_filters(self, owner: Any, many: list[str]) -> None:
        assert len(self.listed(owner, Filter={"JobName": "job 1"})) == MANY / 2
        over = {job_id for job_id in many[:3] if ended(owner, job_id)}
        failed = self.listed(owner, Filter={"JobStatus": "FAILED"})
        assert {job["JobStatus"] for job in failed} == {"FAILED"}
        assert over <= {job["JobId"] for job in failed}
        assert self.listed(owner, Filter={"JobStatus": "COMPLETED"}) == []
        soon = datetime.now(UTC) + timedelta(seconds=10)
        before = self.listed(owner, Filter={"SubmitTimeBefore": soon})
        assert len(before) == MANY
        assert [job["SubmitTime"] for job in before] == sorted(job["SubmitTime"] for job in before)
        assert self.listed(owner, Filter={"SubmitTimeAfter": soon}) == []
        newest = before[-1]["SubmitTime"]
        assert all(job["SubmitTime"] < newest for job in self.listed(owner, Filter={"SubmitTimeBefore": newest}))

    def test_what_is_no_filter_or_token(self, comprehend: Any) -> None:
        call = comprehend.list_sentiment_detection_jobs
        error = error_of(call, Filter={"JobName": "a", "JobStatus": "FAILED"})
        assert error[:2] == ("InvalidFilterException", 400)
        assert error_of(call, Filter={"JobStatus": "DONE"})[:2] == ("InvalidRequestException", 400)
        assert error_of(call, NextToken="mine")[:2] == ("InvalidRequestException", 400)
        assert error_of(call, MaxResults=501)[:2] == ("InvalidRequestException", 400)


def test_jobs_are_forgotten_with_all_else_of_a_key(aws: Client, stack: Started, prefix: str) -> None:
    made = new_key(stack)
    owner = aws("comprehend", **credentials(made))
    job_id = owner.start_sentiment_detection_job(**order(prefix))["JobId"]
    ended(owner, job_id)
    with client_of(stack, made) as http:
        assert http.delete("/v1/jobs").json() == {"jobs": 1}
    for _ in patiently():
        if not owner.list_sentiment_detection_jobs()["SentimentDetectionJobPropertiesList"]:
            break
    else:
        raise AssertionError
    assert error_of(owner.describe_sentiment_detection_job, JobId=job_id)[0] == "JobNotFoundException"
