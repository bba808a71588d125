"""More jobs than a page has, and all of them forgotten."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from gateway.key_store import KeyStore
from tests.compat.conftest import Client, credentials
from tests.stack import BUCKET, client_of
from tests.started import Started, patiently

if TYPE_CHECKING:
    from types_boto3_transcribe.client import TranscribeServiceClient

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def secret(stack: Started) -> str:
    return KeyStore(stack.folder / ".timbre" / "keys.json").create("of many jobs")


@pytest.fixture(scope="module")
def client(aws: Client, secret: str) -> "TranscribeServiceClient":
    patient = Config(retries={"total_max_attempts": 10, "mode": "standard"}, proxies={}, max_pool_connections=8)
    made: TranscribeServiceClient = aws("transcribe", **credentials(secret), config=patient)
    return made


def names_of(client: "TranscribeServiceClient", **wanted: Any) -> list[str]:
    """Read all pages."""
    names, token = [], {}
    while True:
        page = client.list_transcription_jobs(MaxResults=100, **wanted, **token)
        names += [one["TranscriptionJobName"] for one in page["TranscriptionJobSummaries"]]
        if "NextToken" not in page:
            return names
        token = {"NextToken": page["NextToken"]}


@pytest.mark.parametrize("jobs", [3, pytest.param(260, marks=pytest.mark.heavy)])
def test_all_pages_and_then_nothing(stack: Started, client: "TranscribeServiceClient", secret: str, jobs: int) -> None:
    def start(number: int) -> None:
        media: Any = {"MediaFileUri": f"s3://{BUCKET}/transcribe/nothing-{number}.mp3"}
        client.start_transcription_job(TranscriptionJobName=f"many-{number}", LanguageCode="en-US", Media=media)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(jobs)))
    client.create_vocabulary(VocabularyName="mine", LanguageCode="en-US", Phrases=["word"])
    assert sorted(names_of(client)) == sorted(f"many-{number}" for number in range(jobs))
    assert sorted(names_of(client, JobNameContains="many-1")) == sorted(
        f"many-{number}" for number in range(jobs) if str(number).startswith("1")
    )
    assert set(names_of(client, Status="FAILED")) <= set(names_of(client))
    with client_of(stack, secret) as public:
        assert public.delete("/v1/jobs").json() == {"jobs": jobs}
    for _ in patiently():
        if not names_of(client) and not client.list_vocabularies()["Vocabularies"]:
            return
    raise AssertionError("what is forgotten is still there")
