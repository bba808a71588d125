"""Locations as operators write them."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.objects import open_objects
from shared.objects.folder import FolderObjects
from shared.objects.location import s3_place
from shared.problems import InvalidInput


@pytest.mark.parametrize(
    ("location", "root"),
    [
        ("/srv/data", Path("/srv/data")),
        ("file:///srv/my%20data", Path("/srv/my data")),
        ("models", Path("models").absolute()),
        ("./models/", Path("models").absolute()),
    ],
)
def test_folders(location: str, root: Path) -> None:
    objects = open_objects(location)
    assert isinstance(objects, FolderObjects)
    assert objects.root == root


@pytest.mark.parametrize(
    "location",
    ["", "http://host/a", "s3:bucket", "file://host/a", "file:a", "s3://", "s3://a", "s3:///a", "s3://bu ck/a",
     "s3://bucket/a/../b", "s3://bucket/a//b", "/a\0b", "ftp://x"],
)  # fmt: skip
def test_what_is_no_location_is_refused(location: str) -> None:
    with pytest.raises(InvalidInput):
        open_objects(location)


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket/a/b/", ("bucket", "a/b")),
    ],
)
def test_places_in_s3(location: str, place: tuple[str, str]) -> None:
    assert s3_place(location) == place


@pytest.mark.parametrize("location", ["data", "/data", "bucket/a", "file:///a", "s3://", "s3://bucket/../a"])
def test_what_is_no_place_in_s3_is_refused(location: str) -> None:
    with pytest.raises(InvalidInput):
        s3_place(location)


def test_boto3_is_imported_only_for_s3(tmp_path: Path) -> None:
    script = (
        "import sys; from shared.objects import open_objects;"
        "open_objects(sys.argv[1]).put('a', b''); sys.exit('boto3' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
