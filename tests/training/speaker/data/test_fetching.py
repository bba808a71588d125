"""Training gets each clip with a file that holds it, from a folder or a bucket."""

from pathlib import Path
from secrets import token_hex

import boto3
import numpy as np
import pytest

from shared.audio import Sound, encode
from shared.objects import open_objects
from tests.training.speaker.data.conftest import SQLITE_ALONE, Bring
from tests.training.speaker.data.releases import NEW, many, write_release
from training.speaker.data import fetching
from training.speaker.data.catalogue import Catalogue, Wanted
from training.speaker.data.fetching import local_clips

ROWS = many(30)


@pytest.fixture
def recording() -> bytes:
    second = np.sin(np.arange(16_000) / 20).astype(np.float32) / 4
    return encode(Sound(second, 16_000), "mp3")


@pytest.fixture(params=["folder", "s3"])
def location(request: pytest.FixtureRequest, aws: str, tmp_path: Path, recording: bytes) -> str:
    """A release with all clips but one."""
    folder = write_release(tmp_path / "cv", NEW, ROWS)
    place = str(folder)
    if request.param == "s3":
        bucket = f"clips-{token_hex(6)}"
        boto3.client("s3").create_bucket(Bucket=bucket)
        place = f"s3://{bucket}/cv"
    objects = open_objects(place)
    objects.put("validated.tsv", folder / "validated.tsv")
    for row in ROWS[1:]:
        objects.put(f"clips/{row['path']}", recording)
    return place


def test_every_clip_comes_with_its_file(
    location: str, bring: Bring, catalogue: Catalogue, tmp_path: Path, recording: bytes
) -> None:
    bring("cv", location)
    found = dict(local_clips(catalogue, Wanted(), tmp_path / "cache"))
    assert len(found) == len(ROWS)
    missing = [clip.path for clip, path in found.items() if path is None]
    assert missing == [f"clips/{ROWS[0]['path']}"]
    paths = {path for path in found.values() if path}
    assert len(paths) == len(ROWS) - 1
    assert {path.read_bytes() for path in paths} == {recording}


@SQLITE_ALONE
def test_one_split_alone(location: str, bring: Bring, catalogue: Catalogue, tmp_path: Path) -> None:
    bring("cv", location)
    clips = [clip for clip, _ in local_clips(catalogue, Wanted(split="test"), tmp_path / "cache")]
    assert clips
    assert {clip.split for clip in clips} == {"test"}


@SQLITE_ALONE
def test_copies_are_fetched_once(bring: Bring, catalogue: Catalogue, tmp_path: Path, aws: str) -> None:
    bucket = f"clips-{token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    objects = open_objects(f"s3://{bucket}")
    objects.put("validated.tsv", write_release(tmp_path / "cv", NEW, ROWS[:1]) / "validated.tsv")
    objects.put(f"clips/{ROWS[0]['path']}", b"sound")
    bring("cv", f"s3://{bucket}")
    ((clip, first),) = local_clips(catalogue, Wanted(), tmp_path / "cache")
    objects.delete(clip.path)
    assert list(local_clips(catalogue, Wanted(), tmp_path / "cache")) == [(clip, first)]


@SQLITE_ALONE
def test_a_clip_that_is_far_too_large_is_none(
    bring: Bring, catalogue: Catalogue, tmp_path: Path, aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_CLIP_BYTES", 10)
    bucket = f"clips-{token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    objects = open_objects(f"s3://{bucket}")
    objects.put("validated.tsv", write_release(tmp_path / "cv", NEW, ROWS[:1]) / "validated.tsv")
    objects.put(f"clips/{ROWS[0]['path']}", bytes(11))
    bring("cv", f"s3://{bucket}")
    assert [path for _, path in local_clips(catalogue, Wanted(), tmp_path / "cache")] == [None]


@SQLITE_ALONE
def test_no_link_is_followed_out_of_the_data_set(bring: Bring, catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = write_release(tmp_path / "cv", NEW, ROWS[:1])
    (folder / "clips").mkdir()
    (folder / "clips" / ROWS[0]["path"]).symlink_to(tmp_path / "secret")
    bring("cv", folder)
    assert [path for _, path in local_clips(catalogue, Wanted(), tmp_path / "cache")] == [None]
