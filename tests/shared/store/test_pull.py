"""Pulls into both kinds of store: checked before anybody sees them, whoever dies in the middle."""

import io
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.problems import Conflict, InvalidInput, ModelCorrupt, Problem, Unavailable
from shared.progress import Progress
from shared.store import Manifest, ModelStore
from shared.store.catalogue import CatalogueModel, read_catalogue
from shared.store.pull import Pull, Sums, pinned
from tests.shared.store.pulling import FILES, WEIGHTS, catalogue, sum_of
from tests.shared.store.web import Site
from tests.started import patiently

# Pulls "tone", and stops when all of it is in the store but its manifest.
_STOPS_BEFORE_THE_MANIFEST = """
import sys, time
from pathlib import Path
from shared.objects.folder import FolderObjects
from shared.progress import Progress
from shared.store import ModelStore
from shared.store.catalogue import read_catalogue
from shared.store.pull import Pull, pinned

place = Path(sys.argv[1])

class Stopping(FolderObjects):
    def put(self, key, data, *, if_absent=False):
        if key.endswith("manifest.json"):
            print("all but the manifest", flush=True)
            time.sleep(3600)
        return super().put(key, data, if_absent=if_absent)

store = ModelStore("unused", place / "cache", objects=Stopping(place / "models"))
model = read_catalogue(place / "catalogue.toml").find("tone")
Pull(store, model, pinned(model, {}, takes_unknown=False), place / "downloads", Progress(sys.stderr)).run()
"""


@pytest.fixture
def model(site: Site, tmp_path: Path) -> CatalogueModel:
    return read_catalogue(catalogue(site, tmp_path)).find("tone")


def pull(store: ModelStore, model: CatalogueModel, place: Path, sums: Sums | None = None) -> Manifest:
    sums = sums or pinned(model, {}, takes_unknown=False)
    return Pull(store, model, sums, place / "downloads", Progress(io.StringIO()), pause_seconds=0.001).run()[0]


def downloads_of(place: Path) -> list[str]:
    return [path.name for path in (place / "downloads").rglob("*") if path.is_file()]


class TestPulled:
    def test_the_manifest_is_that_of_the_catalogue(
        self, store: ModelStore, model: CatalogueModel, tmp_path: Path
    ) -> None:
        manifest = pull(store, model, tmp_path)
        fetched = store.fetch("tone")
        assert fetched.manifest == manifest
        assert (manifest.task, manifest.engine, manifest.licence) == ("speech-to-text", "whisper", "MIT")
        assert manifest.training_data[0].source == "https://example.com/tone"
        assert {name: fetched.file(name).read_bytes() for name in FILES} == FILES
        assert downloads_of(tmp_path) == ["1.lock"]

    def test_an_archive(self, store: ModelStore, site: Site, tmp_path: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name in ("am/final.mdl", "graph/phones/word_boundary.int", "README"):
                archive.writestr(f"vosk-model-0.15/{name}", name)
        files = {"model.zip": packed.getvalue()}
        model = read_catalogue(catalogue(site, tmp_path, files, is_archive=True)).find("tone")
        assert sorted(pull(store, model, tmp_path).files) == [
            "README",
            "am/final.mdl",
            "graph/phones/word_boundary.int",
        ]
        assert store.fetch("tone").file("am/final.mdl").read_bytes() == b"am/final.mdl"
        assert downloads_of(tmp_path) == ["1.lock"]

    def test_gone_on_with_after_a_failure(
        self, store: ModelStore, model: CatalogueModel, site: Site, tmp_path: Path
    ) -> None:
        site.cuts, site.cuts_always = [100_000], 0
        with pytest.raises(Unavailable):
            pull(store, model, tmp_path)
        assert store.list() == ()
        site.cuts_always, site.requests = None, []
        pull(store, model, tmp_path)
        assert site.ranges == ["bytes=100000-", None]

    def test_a_sum_that_was_given(self, store: ModelStore, site: Site, tmp_path: Path) -> None:
        model = read_catalogue(catalogue(site, tmp_path, {"w": b"w"}, files={"w": {}})).find("tone")
        assert pull(store, model, tmp_path, {"w": sum_of(b"w")}).files["w"].sha256 == sum_of(b"w")

    def test_without_a_sum(self, store: ModelStore, site: Site, tmp_path: Path) -> None:
        model = read_catalogue(catalogue(site, tmp_path, {"w": b"w"}, files={"w": {}})).find("tone")
        assert pull(store, model, tmp_path, {"w": None}).files["w"].sha256 == sum_of(b"w")


class TestRefused:
    def test_a_wrong_sum(
        self, store: ModelStore, objects: ObjectStore, model: CatalogueModel, site: Site, tmp_path: Path
    ) -> None:
        site.files["model.bin"] = WEIGHTS[::-1]
        with pytest.raises(ModelCorrupt, match=sum_of(WEIGHTS[::-1])):
            pull(store, model, tmp_path)
        assert list(objects.list()) == []
        assert "model.bin" not in downloads_of(tmp_path)
        site.files["model.bin"] = WEIGHTS
        pull(store, model, tmp_path)

    def test_a_wrong_size(
        self, store: ModelStore, objects: ObjectStore, model: CatalogueModel, site: Site, tmp_path: Path
    ) -> None:
        site.files["config.json"] = b"{ }"
        with pytest.raises(ModelCorrupt):
            pull(store, model, tmp_path)
        assert list(objects.list()) == []

    def test_a_wrong_given_sum(self, store: ModelStore, site: Site, tmp_path: Path) -> None:
        model = read_catalogue(catalogue(site, tmp_path, {"w": b"w"}, files={"w": {}})).find("tone")
        with pytest.raises(ModelCorrupt):
            pull(store, model, tmp_path, {"w": sum_of(b"x")})

    def test_what_changed_on_the_disk_since(
        self, store: ModelStore, model: CatalogueModel, site: Site, tmp_path: Path
    ) -> None:
        site.redirects["config.json"] = "http://example.com/"
        with pytest.raises(Unavailable):
            pull(store, model, tmp_path)
        (tmp_path / "downloads/tone/1/files/model.bin").write_bytes(WEIGHTS[::-1])
        with pytest.raises(ModelCorrupt):
            pull(store, model, tmp_path)
        assert store.list() == ()

    @pytest.mark.parametrize("contents", [b"no archive", b"\x80\x04\x95."])
    def test_an_archive_that_is_none(self, contents: bytes, store: ModelStore, site: Site, tmp_path: Path) -> None:
        model = read_catalogue(catalogue(site, tmp_path, {"m.zip": contents}, is_archive=True)).find("tone")
        with pytest.raises(InvalidInput):
            pull(store, model, tmp_path)
        assert store.list() == ()

    def test_a_pickle(self, store: ModelStore, objects: ObjectStore, site: Site, tmp_path: Path) -> None:
        model = read_catalogue(catalogue(site, tmp_path, {"w.bin": b"\x80\x04\x95cposix\nsystem\n"})).find("tone")
        with pytest.raises(Problem):
            pull(store, model, tmp_path)
        assert list(objects.list()) == []

    def test_two_at_once(self, store: ModelStore, model: CatalogueModel, site: Site, tmp_path: Path) -> None:
        site.held = threading.Event()
        first = threading.Thread(target=pull, args=(store, model, tmp_path))
        first.start()
        assert site.held.wait(60)
        with pytest.raises(Conflict):
            pull(store, model, tmp_path)
        site.held = None
        site.holds.set()
        first.join(60)
        assert store.fetch("tone").manifest.version == "1"


class TestPinned:
    def test_unknown_sums_are_not_taken_unasked(self, site: Site, tmp_path: Path) -> None:
        half = {"model.bin": {"sha256": sum_of(WEIGHTS)}, "config.json": {}}
        model = read_catalogue(catalogue(site, tmp_path, files=half)).find("tone")
        with pytest.raises(InvalidInput, match=r"no sha256 of config\.json,.*--unpinned"):
            pinned(model, {}, takes_unknown=False)
        assert pinned(model, {}, takes_unknown=True) == {"model.bin": sum_of(WEIGHTS), "config.json": None}
        assert pinned(model, {"config.json": "a" * 64}, takes_unknown=False)["config.json"] == "a" * 64

    @pytest.mark.parametrize("given", [{"model.bin": "a" * 64}, {"other.bin": "a" * 64}])
    def test_contradictions(self, model: CatalogueModel, given: dict[str, str]) -> None:
        with pytest.raises(InvalidInput):
            pinned(model, given, takes_unknown=True)


class TestKilled:
    """kill -9 at each step leaves nothing in the store that anybody sees, and the next pull goes on."""

    def test_while_it_downloads(self, site: Site, model: CatalogueModel, tmp_path: Path) -> None:
        site.held = threading.Event()
        process = self.start(tmp_path)
        assert site.held.wait(60)
        received = tmp_path / "downloads/tone/1/files/model.bin"
        for _ in patiently():
            if received.exists() and received.stat().st_size == len(WEIGHTS) // 2:
                break
        self.kill(process)
        assert ModelStore(str(tmp_path / "models"), tmp_path / "cache").list() == ()
        site.held, site.requests = None, []
        assert self.start(tmp_path).wait(60) == 0
        assert site.ranges == [f"bytes={len(WEIGHTS) // 2}-", None]
        assert ModelStore(str(tmp_path / "models"), tmp_path / "cache").fetch("tone").manifest.version == "1"

    def test_while_it_publishes(self, site: Site, model: CatalogueModel, tmp_path: Path) -> None:
        process = subprocess.Popen([sys.executable, "-c", _STOPS_BEFORE_THE_MANIFEST, tmp_path], stdout=subprocess.PIPE)
        assert process.stdout
        assert process.stdout.readline() == b"all but the manifest\n"
        self.kill(process)
        process.stdout.close()
        store = ModelStore(str(tmp_path / "models"), tmp_path / "cache")
        assert sorted(path.name for path in (tmp_path / "models/tone/1").iterdir()) == sorted(FILES)
        assert store.list() == ()
        site.requests = []
        pull(store, model, tmp_path)
        assert site.requests == []
        assert store.fetch("tone").manifest.version == "1"

    def start(self, place: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "shared.store", "pull", "tone", "--location", place / "models",
             "--catalogue", place / "catalogue.toml", "--downloads", place / "downloads"],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
