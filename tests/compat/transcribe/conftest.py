"""Amazon Transcribe's own client, and recordings in a bucket."""

import json
from collections.abc import Callable, Iterator
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.exceptions import ClientError

from gateway.key_store import KeyStore
from shared.audio import encode
from tests.compat.conftest import Client, credentials
from tests.sounds import spoken
from tests.stack import BUCKET, Storage
from tests.started import Started

if TYPE_CHECKING:
    from types_boto3_transcribe.client import TranscribeServiceClient

SENTENCE = "the meeting was moved to thursday because of the weather"
MEDIA = f"s3://{BUCKET}/transcribe/sentence.mp3"
Job = dict[str, Any]


@pytest.fixture(scope="session")
def recording() -> bytes:
    return encode(spoken("rms", SENTENCE), "mp3")


@pytest.fixture(scope="session")
def media(storage: Storage, recording: bytes) -> str:
    """The address of a sentence."""
    storage.s3.put_object(Bucket=BUCKET, Key=MEDIA.removeprefix(f"s3://{BUCKET}/"), Body=recording)
    return MEDIA


@pytest.fixture(scope="session")
def transcribe(aws: Client) -> "TranscribeServiceClient":
    client: TranscribeServiceClient = aws("transcribe")
    return client


@pytest.fixture
def name() -> str:
    """A name that is free."""
    return f"job-{token_hex(6)}"


@pytest.fixture
def started(transcribe: "TranscribeServiceClient", media: str, name: str) -> Callable[..., Job]:
    """Start a job of the sentence, or of what else is said, and return what is told of it."""

    def start(**members: Any) -> Job:
        usual: dict[str, Any] = {"TranscriptionJobName": name, "Media": {"MediaFileUri": media}}
        spoken = {} if "IdentifyLanguage" in members else {"LanguageCode": "en-US"}
        told: Job = transcribe.start_transcription_job(**{**usual, **spoken, **members})["TranscriptionJob"]  # type: ignore[assignment]
        return told

    return start


@pytest.fixture
def ended(transcribe: "TranscribeServiceClient", started: Callable[..., Job]) -> Callable[..., Job]:
    """Start a job, and return what is told of it when it has ended."""

    def end(**members: Any) -> Job:
        name = started(**members)["TranscriptionJobName"]
        transcribe.get_waiter("transcription_job_completed").wait(
            TranscriptionJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        told: Job = transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]  # type: ignore[assignment]
        return told

    return end


def fetched(uri: str) -> httpx.Response:
    """Follow a link with no key, as anybody does."""
    return httpx.get(uri, timeout=60, trust_env=False)


def transcript_of(job: Job) -> dict[str, Any]:
    """Return the document that a job made."""
    answer = fetched(job["Transcript"]["TranscriptFileUri"])
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = json.loads(answer.content)
    return told


def error_of(call: Any, **given: Any) -> tuple[str, int, str]:
    """Return name, status and words of the error that a call has."""
    with pytest.raises(ClientError) as refused:
        call(**given)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


@pytest.fixture
def listed(transcribe: "TranscribeServiceClient") -> Callable[..., Iterator[Job]]:
    """Read all pages of a list."""

    def read(operation: str, members: str, **given: Any) -> Iterator[Job]:
        token: dict[str, str] = {}
        while True:
            page = getattr(transcribe, operation)(**given, **token)
            yield from page[members]
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}

    return read


@pytest.fixture(scope="session")
def other(stack: Started, aws: Client) -> "TranscribeServiceClient":
    """A client with another key."""
    made = KeyStore(stack.folder / ".timbre" / "keys.json").create("another for transcribe")
    client: TranscribeServiceClient = aws("transcribe", **credentials(made))
    return client
