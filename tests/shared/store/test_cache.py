"""The cache of a bucket's models: whole or absent, whoever dies or fetches at the same time."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from shared.objects.s3 import S3Objects
from shared.problems import ModelCorrupt, Unavailable
from shared.store import ModelStore
from tests.shared.store.conftest import MakeModel

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

WEIGHTS = bytes(range(256)) * 20_000

# A process that fetches "tone", counts its downloads, and may stop in the middle of one until it is told to go on.
_FETCHER = """
import sys
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from shared.objects.s3 import S3Objects, connect
from shared.store import ModelStore

bucket, cache, mode = sys.argv[1:]
downloads = 0

def tell(word):
    sys.stdout.write(word + chr(10))
    sys.stdout.flush()

class Watched(S3Objects):
    @contextmanager
    def open(self, key):
        global downloads
        with super().open(key) as chunks:
            if key.endswith("weights.bin"):
                downloads += 1
                yield self.stopping(chunks) if mode == "stop" else chunks
            else:
                yield chunks

    def stopping(self, chunks):
        yield next(chunks)
        tell("half")
        sys.stdin.readline()
        yield from chunks

tell("ready")
sys.stdin.readline()
model = ModelStore("unused", Path(cache), objects=Watched(connect(), bucket)).fetch("tone")
assert model.file("weights.bin").read_bytes() == bytes(range(256)) * 20_000
tell(f"done {downloads}")
"""


class Fetcher:
    """A process that fetches a model, told what to do line by line."""

    def __init__(self, bucket: str, cache: Path, mode: str = "run") -> None:
        command = [sys.executable, "-c", _FETCHER, bucket, str(cache), mode]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.expect("ready")

    def go_on(self) -> None:
        stream = _present(self.process.stdin)
        stream.write("\n")
        stream.flush()

    def expect(self, line: str) -> None:
        assert _present(self.process.stdout).readline() == f"{line}\n"

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def _present(stream: IO[str] | None) -> IO[str]:
    assert stream
    return stream


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def objects(s3_client: "S3Client", bucket: str, cache: Path, make_model: MakeModel) -> S3Objects:
    """A bucket with the model "tone"."""
    objects = S3Objects(s3_client, bucket)
    folder = make_model("tone", "1", {"weights.bin": WEIGHTS, "sub/config.json": b"{}"})
    ModelStore("unused", cache, objects=objects).publish(folder, "tone", "1")
    return objects


@pytest.fixture
def store(objects: S3Objects, cache: Path) -> ModelStore:
    return ModelStore("unused", cache, objects=objects)


def test_a_fetched_model_is_whole_and_nothing_else_remains(store: ModelStore, cache: Path) -> None:
    model = store.fetch("tone")
    assert model.path == cache / "tone" / "1"
    assert model.file("sub/config.json").read_bytes() == b"{}"
    assert sorted(os.listdir(model.path)) == ["manifest.json", "sub", "weights.bin"]
    assert [path for path in (cache / ".partial").rglob("*") if path.is_file()] == []


def test_the_cache_is_itself_a_store(store: ModelStore, cache: Path) -> None:
    manifest = store.fetch("tone").manifest
    assert ModelStore(str(cache), cache).fetch("tone").manifest == manifest


def test_a_cached_model_is_not_fetched_again(
    store: ModelStore, objects: S3Objects, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.fetch("tone")
    monkeypatch.setattr(objects, "download_to", lambda *_, **__: pytest.fail("fetched again"))
    store.fetch("tone")
    ModelStore("unused", cache, objects=objects).fetch("tone")


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "link", "stranger"])
def test_a_corrupt_copy_is_cleared_and_fetched_again(
    store: ModelStore, cache: Path, tmp_path: Path, damage: str
) -> None:
    store.fetch("tone")
    path = cache / "tone" / "1" / "weights.bin"
    match damage:
        case "flip":
            path.write_bytes(WEIGHTS[:-1] + b"x")
        case "cut":
            path.write_bytes(WEIGHTS[:1000])
        case "remove":
            path.unlink()
        case "link":
            path.rename(tmp_path / "outside")
            path.symlink_to(tmp_path / "outside")
        case "stranger":
            (path.parent / "stranger.bin").write_bytes(b"x")
    assert store.fetch("tone").file("weights.bin").read_bytes() == WEIGHTS
    assert sorted(os.listdir(path.parent)) == ["manifest.json", "sub", "weights.bin"]


@pytest.mark.parametrize("wrong", [WEIGHTS[:-1], WEIGHTS[:-1] + b"x", WEIGHTS + b"x", b""])
def test_a_bucket_with_wrong_bytes_is_asked_twice_and_never_believed(
    store: ModelStore, objects: S3Objects, cache: Path, wrong: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put("tone/1/weights.bin", wrong)
    asked = []
    download_to = objects.download_to
    monkeypatch.setattr(objects, "download_to", lambda key, *a, **k: (asked.append(key), download_to(key, *a, **k)))
    with pytest.raises(ModelCorrupt):
        store.fetch("tone")
    assert asked.count("tone/1/weights.bin") == 2
    assert not (cache / "tone").exists()
    assert [path for path in (cache / ".partial").rglob("*") if path.is_file()] == []


def test_a_wrong_file_that_comes_right_the_second_time(
    store: ModelStore, objects: S3Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [b"wrong", WEIGHTS]
    download_to = objects.download_to

    def second_time_right(key: str, path: Path, **options: int) -> None:
        if key.endswith("weights.bin"):
            path.write_bytes(answers.pop(0))
        else:
            download_to(key, path, **options)

    monkeypatch.setattr(objects, "download_to", second_time_right)
    assert store.fetch("tone").file("weights.bin").read_bytes() == WEIGHTS


def test_after_kill_9_in_the_middle_another_process_fetches_right(store: ModelStore, bucket: str, cache: Path) -> None:
    killed = Fetcher(bucket, cache, "stop")
    killed.go_on()
    killed.expect("half")
    killed.end()
    assert [path for path in (cache / ".partial").rglob("*") if path.is_file()]
    assert not (cache / "tone").exists()
    second = Fetcher(bucket, cache)
    second.go_on()
    second.expect("done 1")
    second.end()
    assert store.fetch("tone").file("weights.bin").read_bytes() == WEIGHTS
    assert [path for path in (cache / ".partial").rglob("*") if path.is_file()] == []


def test_two_processes_share_one_download(store: ModelStore, objects: S3Objects, bucket: str, cache: Path) -> None:
    first, second = Fetcher(bucket, cache, "stop"), Fetcher(bucket, cache)
    first.go_on()
    first.expect("half")
    with pytest.raises(Unavailable, match="still fetching"):
        ModelStore("unused", cache, objects=objects, lock_timeout_seconds=0).fetch("tone")
    assert not (cache / "tone").exists()
    second.go_on()
    first.go_on()
    first.expect("done 1")
    second.expect("done 0")
    first.end()
    second.end()


_FULL_DISK = """
import resource, sys
from pathlib import Path
from shared.objects.s3 import S3Objects, connect
from shared.problems import StorageFull
from shared.store import ModelStore

store = ModelStore("unused", Path(sys.argv[2]), objects=S3Objects(connect(), sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
try:
    store.fetch("tone")
except StorageFull:
    sys.exit(0)
sys.exit("no problem")
"""


def test_a_full_disk_leaves_nothing_behind(store: ModelStore, bucket: str, cache: Path) -> None:
    subprocess.run([sys.executable, "-c", _FULL_DISK, bucket, str(cache)], check=True)
    assert not (cache / "tone").exists()
    assert [path for path in (cache / ".partial").rglob("*") if path.is_file()] == []
    assert store.fetch("tone").file("weights.bin").read_bytes() == WEIGHTS
