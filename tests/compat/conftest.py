"""Unmodified clients of others against the whole product: real NGINX, real processes, S3 on moto."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.validate import ParamValidator
from moto.server import ThreadedMotoServer

from gateway.key_store import aws_secret, key_id
from tests.e2e.conftest import HAS_NGINX, client_of, key_of
from tests.started import ROOT, Started

BUCKET = "timbre-test"
REGION = "eu-central-1"
Client = Callable[..., Any]


@dataclass(frozen=True)
class Storage:
    """S3 as the tests' own clients reach it; the environment of other tests is left alone."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    @property
    def s3(self) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return boto3.session.Session().client("s3", endpoint_url=self.address, **keys)


@pytest.fixture(scope="session")
def storage() -> Iterator[Storage]:
    """A server that speaks S3, with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    found = Storage("http://{}:{}".format(*server.get_host_and_port()))
    found.s3.create_bucket(Bucket=BUCKET)
    yield found
    server.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, storage: Storage) -> Iterator[Started]:
    """All of Timbre on a free port, ready, with the engines that come with it."""
    if not HAS_NGINX:
        pytest.skip("needs NGINX: nginx-light")
    real = {
        "TIMBRE_TTS_ENGINES": '["flite", "espeak"]',
        "TIMBRE_DEFAULT_VOICE": "slt",
        "TIMBRE_SENTIMENT_ENGINE": "onnx",
        "TIMBRE_STT_ENGINE": "pocketsphinx",
        "TIMBRE_SPEAKER_ENGINE": "",
        "TIMBRE_MODELS": str(ROOT / "models"),
        "TIMBRE_MEDIA_LOCATIONS": f"s3://{BUCKET}",
        "TIMBRE_OUTPUT_LOCATIONS": f"s3://{BUCKET}",
    }
    roomy = {"TIMBRE_REQUESTS_PER_SECOND": "10000", "TIMBRE_BURST_REQUESTS": "10000", "TIMBRE_JOBS_PER_KEY": "1000"}
    folder = tmp_path_factory.mktemp("stack")
    with Started(folder, **storage.environment, **real, **roomy).running() as started:
        yield started


@pytest.fixture(scope="session")
def key(stack: Started) -> str:
    """The API key that the first start made."""
    return key_of(stack)


@pytest.fixture
def public(stack: Started, key: str) -> Iterator[httpx.Client]:
    """A client of the public address, with a key."""
    with client_of(stack, key) as client:
        yield client


@pytest.fixture(scope="session")
def aws(stack: Started, key: str) -> Client:
    """Make boto3's own clients of Timbre: aws("polly"), aws("polly", prefix="/polly").

    They try once only, so that a test sees what is answered, and hold each answer against the service's model.
    """

    def client(service: str, *, prefix: str = "", **options: Any) -> BaseClient:
        chosen = {"endpoint_url": f"http://127.0.0.1:{stack.port}{prefix}", "region_name": REGION, **credentials(key)}
        config = Config(retries={"total_max_attempts": 1}, proxies={}, read_timeout=70)
        made = boto3.session.Session().client(service, **{**chosen, "config": config, **options})  # type: ignore[call-overload]
        made.meta.events.register(f"after-call.{service}", _hold_to_the_model)
        return made

    return client


def credentials(key: str) -> dict[str, str]:
    """Return what boto3 signs with, for an API key."""
    return {"aws_access_key_id": key_id(key), "aws_secret_access_key": aws_secret(key)}


def environment_of(stack: Started, key: str, folder: Path) -> dict[str, str]:
    """Return what the AWS CLI reads."""
    named = {name.upper(): setting for name, setting in credentials(key).items()}
    nowhere = {"AWS_CONFIG_FILE": str(folder / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none")}
    return {
        **{name: setting for name, setting in os.environ.items() if not name.startswith("AWS_")},
        **named,
        **nowhere,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{stack.port}",
        "NO_PROXY": "127.0.0.1",
    }


def _hold_to_the_model(parsed: dict[str, Any], model: Any, http_response: Any, **_: Any) -> None:
    """Fail for an answer that lacks what the model requires, or has another type, or an error it does not know."""
    if http_response.status_code < 300 and model.output_shape is not None:
        told = {name: value for name, value in parsed.items() if name in model.output_shape.members}
        streamed = {name for name, shape in model.output_shape.members.items() if shape.serialization.get("streaming")}
        report = ParamValidator().validate(
            {name: value for name, value in told.items() if name not in streamed}, model.output_shape
        )
        assert not report.has_errors(), report.generate_report()
    assert parsed["ResponseMetadata"]["RequestId"]
