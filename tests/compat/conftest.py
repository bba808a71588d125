"""Unmodified clients of others against the whole product (tests/stack.py), NGINX included."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.validate import ParamValidator

from gateway.key_store import aws_secret, key_id
from tests.started import Started

REGION = "eu-central-1"
Client = Callable[..., Any]


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
