"""The store: versions, pointers, hostile names."""

import logging
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.objects.s3 import S3Objects, connect
from shared.problems import InvalidInput, ModelCorrupt, ModelNotFound, Unavailable
from shared.store import ModelInfo, ModelStore
from tests.shared.objects.hostile import HOSTILE_KEYS
from tests.shared.store.conftest import MakeModel


@pytest.fixture
def filled(store: ModelStore, make_model: MakeModel) -> ModelStore:
    for version in ("1.9", "1.10", "1.2"):
        store.publish(make_model("tone", version, {"w.bin": version.encode()}), "tone", version)
    store.publish(make_model("other", "1", {"w.bin": b"other"}), "other", "1")
    return store


def test_without_a_pointer_the_highest_version_is_in_use(filled: ModelStore) -> None:
    assert filled.version_in_use("tone") == "1.10"
    assert filled.fetch("tone").file("w.bin").read_bytes() == b"1.10"


def test_the_pointer_says_which_version_is_in_use(filled: ModelStore) -> None:
    filled.point("tone", "1.2")
    assert filled.fetch("tone").manifest.version == "1.2"
    assert filled.fetch("tone", "1.9").manifest.version == "1.9"
    filled.point("tone", "1.9")
    assert filled.fetch("tone").manifest.version == "1.9"


def test_the_pointer_may_be_written_by_hand(filled: ModelStore, objects: ObjectStore) -> None:
    objects.put("tone/current", b" 1.2\r\n")
    assert filled.version_in_use("tone") == "1.2"


@pytest.mark.parametrize("pointer", [b"", b"../other/1", b"current", b"1.2\n1.9", b"\xff", b"x" * 1000, b"1\x002"])
def test_a_broken_pointer_is_not_followed(filled: ModelStore, objects: ObjectStore, pointer: bytes) -> None:
    objects.put("tone/current", pointer)
    with pytest.raises(ModelCorrupt):
        filled.fetch("tone")
    assert [model.current for model in filled.list()] == ["1", None]
    assert filled.fetch("tone", "1.2").manifest.version == "1.2"


def test_a_pointer_to_nothing(filled: ModelStore, objects: ObjectStore) -> None:
    objects.put("tone/current", b"7")
    with pytest.raises(ModelNotFound):
        filled.fetch("tone")
    assert [model.current for model in filled.list()] == ["1", None]
    with pytest.raises(ModelNotFound):
        filled.point("tone", "7")


def test_list(filled: ModelStore, objects: ObjectStore) -> None:
    objects.put("tone/2/w.bin", b"no manifest yet")
    objects.put("README.md", b"")
    assert filled.list() == (ModelInfo("other", ("1",), "1"), ModelInfo("tone", ("1.2", "1.9", "1.10"), "1.10"))


def test_manifests_leave_out_what_is_broken(
    filled: ModelStore, objects: ObjectStore, caplog: pytest.LogCaptureFixture
) -> None:
    assert [manifest.name for manifest in filled.manifests("test")] == ["other", "tone"]
    assert filled.manifests("speech") == ()
    objects.put("other/1/manifest.json", b"{}")
    with caplog.at_level(logging.ERROR):
        assert [manifest.name for manifest in filled.manifests()] == ["tone"]
    assert "model left out" in caplog.text


def test_what_is_not_there(filled: ModelStore) -> None:
    for name, version in (("none", None), ("none", "1"), ("tone", "7")):
        with pytest.raises(ModelNotFound):
            filled.fetch(name, version)


def test_an_enormous_manifest_is_refused(filled: ModelStore, objects: ObjectStore) -> None:
    objects.put("other/1/manifest.json", b" " * 2_000_000)
    with pytest.raises(ModelCorrupt, match="too large"):
        filled.fetch("other")


def test_a_file_outside_the_manifest_is_not_given_out(filled: ModelStore) -> None:
    model = filled.fetch("tone")
    for name in ("../1.2/w.bin", "manifest.json", "/etc/passwd", "none"):
        with pytest.raises(ModelCorrupt):
            model.file(name)


def test_hostile_names_read_and_change_nothing(filled: ModelStore, tmp_path: Path) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("canary")
    before = sorted(tmp_path.rglob("*"))
    for name in HOSTILE_KEYS:
        _expect_refusals(filled, name, tmp_path / "made" / "tone" / "1.2")
    assert canary.read_text() == "canary"
    assert sorted(tmp_path.rglob("*")) == before


def _expect_refusals(store: ModelStore, name: str, folder: Path) -> None:
    calls = (
        lambda: store.fetch(name or "/"),
        lambda: store.fetch("tone", name or "/"),
        lambda: store.point(name, "1"),
        lambda: store.publish(folder, name, "1"),
        lambda: store.publish(folder, "tone", name),
    )
    for call in calls:
        with pytest.raises(InvalidInput):
            call()


def test_a_store_that_cannot_be_reached(tmp_path: Path, s3_client: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    store = ModelStore("s3://bucket", tmp_path, objects=S3Objects(connect(attempts=1), "bucket"))
    with pytest.raises(Unavailable):
        store.fetch("tone")
