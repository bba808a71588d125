"""Buckets and folders of recordings."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.objects.s3 import connect
from tests.jobs.transcribe.buckets import Recorded
from tests.shared.objects.s3_server import new_bucket, running_s3

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    with running_s3() as address:
        yield address


@pytest.fixture(scope="session")
def s3_client(s3_server: str) -> "S3Client":
    return connect()


@pytest.fixture
def folder(tmp_path: Path) -> Recorded:
    root = tmp_path / "recordings"
    root.mkdir()
    return Recorded(str(root))


@pytest.fixture
def s3(s3_client: "S3Client") -> Recorded:
    return Recorded(f"s3://{new_bucket(s3_client)}/some/prefix")


@pytest.fixture(params=["folder", "s3"])
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """An empty place for recordings."""
    return request.getfixturevalue(request.param)
