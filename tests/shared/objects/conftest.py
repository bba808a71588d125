"""Both kinds of object store, empty, for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.objects import ObjectStore
from shared.objects.folder import FolderObjects
from shared.objects.s3 import S3Objects, connect
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
def bucket(s3_client: "S3Client") -> str:
    return new_bucket(s3_client)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the folder store; what lies beside it is out of bounds."""
    return tmp_path / "data"


@pytest.fixture(params=["folder", "s3", "s3-without-prefix"])
def objects(request: pytest.FixtureRequest, root: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderObjects(root)
    client, bucket = request.getfixturevalue("s3_client"), request.getfixturevalue("bucket")
    return S3Objects(client, bucket, "some/prefix" if request.param == "s3" else "")
