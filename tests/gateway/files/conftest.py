"""Both kinds of store, empty, for each test of files."""

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
def s3_client() -> Iterator["S3Client"]:
    with running_s3():
        yield connect()


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderObjects(tmp_path / "data")
    client = request.getfixturevalue("s3_client")
    return S3Objects(client, new_bucket(client), "some/prefix")
