"""Callers and stores of the tests of files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.objects import ObjectStore, open_objects
from shared.objects.s3 import connect
from tests.shared.objects.s3_server import new_bucket, running_s3


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    with running_s3() as address:
        yield address


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return open_objects(str(tmp_path / "data"))
    request.getfixturevalue("s3_server")
    return open_objects(f"s3://{new_bucket(connect())}/some/prefix")
