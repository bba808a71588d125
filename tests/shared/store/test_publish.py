"""Publishing: the manifest last, nothing overwritten, nothing unsafe."""

import json
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.problems import AlreadyExists, InvalidInput, ModelCorrupt, ModelNotFound, Problem
from shared.store import ModelStore
from shared.store.publish import seal
from tests.shared.store.conftest import MakeModel

FACTS = {"task": "test", "engine": "fake", "licence": "Apache-2.0"}


def test_a_manifest_without_files_is_completed(store: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    (folder / "sub").mkdir(parents=True)
    (folder / "w.bin").write_bytes(b"weights")
    (folder / "sub" / "labels.json").write_bytes(b"[]")
    (folder / "MODEL_CARD.md").write_text("for people")
    (folder / "manifest.json").write_text(json.dumps(FACTS))
    manifest = store.publish(folder, "tone", "1")
    fetched = store.fetch("tone")
    assert fetched.manifest == manifest
    assert sorted(manifest.files) == ["sub/labels.json", "w.bin"]
    assert fetched.file("sub/labels.json").read_bytes() == b"[]"


def test_documents_are_published_too(store: ModelStore, objects: ObjectStore, make_model: MakeModel) -> None:
    folder = make_model("tone", "1", {"w.bin": b"w"})
    (folder / "MODEL_CARD.md").write_text("for people")
    store.publish(folder, "tone", "1")
    assert objects.get("tone/1/MODEL_CARD.md") == b"for people"


def test_nothing_is_overwritten(store: ModelStore, make_model: MakeModel) -> None:
    store.publish(make_model("tone", "1", {"w.bin": b"first"}), "tone", "1")
    with pytest.raises(AlreadyExists):
        store.publish(make_model("tone", "1", {"w.bin": b"second"}), "tone", "1")
    assert store.fetch("tone").file("w.bin").read_bytes() == b"first"


def test_a_publication_that_broke_off_may_be_repeated(
    store: ModelStore, objects: ObjectStore, make_model: MakeModel
) -> None:
    folder = make_model("tone", "1", {"a.bin": b"a", "b.bin": b"b"})
    objects.put("tone/1/a.bin", b"a")
    with pytest.raises(ModelNotFound):
        store.fetch("tone")
    store.publish(folder, "tone", "1")
    assert store.fetch("tone").file("b.bin").read_bytes() == b"b"


def test_two_publications_are_never_mixed(store: ModelStore, objects: ObjectStore, make_model: MakeModel) -> None:
    objects.put("tone/1/a.bin", b"another's")
    with pytest.raises(AlreadyExists):
        store.publish(make_model("tone", "1", {"a.bin": b"a"}), "tone", "1")
    assert objects.get("tone/1/a.bin") == b"another's"


@pytest.mark.parametrize(
    ("file", "contents"),
    [("w.h5", b"w"), ("w.PKL", b"w"), ("w.bin", b"\x80\x04\x95"), ("bad name.bin", b"w"), ("a/b/c/d/e", b"w")],
)
def test_unsafe_files_are_not_published(
    store: ModelStore, objects: ObjectStore, tmp_path: Path, file: str, contents: bytes
) -> None:
    (tmp_path / "export" / file).parent.mkdir(parents=True)
    (tmp_path / "export" / file).write_bytes(contents)
    (tmp_path / "export" / "manifest.json").write_text(json.dumps(FACTS))
    with pytest.raises((InvalidInput, ModelCorrupt)):
        store.publish(tmp_path / "export", "tone", "1")
    assert list(objects.list()) == []


def test_links_are_not_published(
    store: ModelStore, objects: ObjectStore, make_model: MakeModel, tmp_path: Path
) -> None:
    (tmp_path / "canary.txt").write_text("canary")
    folder = make_model("tone", "1", {"w.bin": b"w"})
    (folder / "w.bin").unlink()
    (folder / "w.bin").symlink_to(tmp_path / "canary.txt")
    with pytest.raises(ModelCorrupt):
        store.publish(folder, "tone", "1")
    assert list(objects.list()) == []


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{", b"[]", b"{}", json.dumps({**FACTS, "version": "2"}).encode(),
     json.dumps({**FACTS, "files": {"w.bin": {"sha256": "0" * 64, "size_bytes": 1}}}).encode()],
)  # fmt: skip
def test_a_wrong_manifest_is_not_published(
    store: ModelStore, objects: ObjectStore, tmp_path: Path, manifest: bytes
) -> None:
    (tmp_path / "w.bin").write_bytes(b"w")
    (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(Problem):
        store.publish(tmp_path, "tone", "1")
    assert [info.key for info in objects.list() if "tone" in info.key] == []


def test_seal_completes_a_folder_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "tone" / "1"
    folder.mkdir(parents=True)
    (folder / "w.bin").write_bytes(b"w")
    manifest = seal(folder, "tone", "1", {**FACTS, "metrics": {"macro_f1": 0.65}})
    assert ModelStore(str(tmp_path / "models"), tmp_path / "cache").fetch("tone").manifest == manifest
    assert seal(folder, "tone", "1", FACTS).metrics == {}
