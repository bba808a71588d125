"""Small models, a folder store and a bucket store for the tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.objects import ObjectStore
from shared.objects.folder import FolderObjects
from shared.objects.s3 import S3Objects, connect
from shared.store import ModelStore
from shared.store.publish import seal
from tests.shared.objects.s3_server import new_bucket, running_s3
from tests.shared.store.web import Site, serving_site

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

MakeModel = Callable[..., Path]


@pytest.fixture(scope="session")
def s3_client() -> "Iterator[S3Client]":
    with running_s3():
        yield connect()


@pytest.fixture
def bucket(s3_client: "S3Client") -> str:
    return new_bucket(s3_client)


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Make a sealed folder: make_model("tone", "1", {"weights.bin": b"..."})."""

    def make(name: str, version: str, files: dict[str, bytes]) -> Path:
        folder = tmp_path / "made" / name / version
        for file, contents in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(contents)
        seal(folder, name, version, {"task": "test", "engine": "fake", "licence": "Apache-2.0"})
        return folder

    return make


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """Where the models lie."""
    if request.param == "folder":
        return FolderObjects(tmp_path / "models")
    return S3Objects(request.getfixturevalue("s3_client"), request.getfixturevalue("bucket"), "models")


@pytest.fixture
def store(objects: ObjectStore, tmp_path: Path) -> ModelStore:
    return ModelStore("unused", tmp_path / "cache", objects=objects)


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server with nothing on it, that behaves."""
    with serving_site() as site:
        yield site
