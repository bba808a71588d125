"""Models that are not what their manifest says are never handed out."""

import os
import pickle
import random
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.problems import ModelCorrupt, Problem, Unavailable
from shared.store import ModelStore
from shared.store.verify import Verifier, refuse_unsafe
from tests.shared.store.conftest import MakeModel

WEIGHTS = random.Random(1).randbytes(100_000)
in_a_folder = pytest.mark.parametrize("objects", ["folder"], indirect=True)


@pytest.fixture
def folder(store: ModelStore, make_model: MakeModel, tmp_path: Path) -> Path:
    """A published model, to be damaged in place."""
    store.publish(make_model("tone", "1", {"weights.bin": WEIGHTS, "sub/config.json": b"{}"}), "tone", "1")
    return tmp_path / "models" / "tone" / "1"


def _replace(objects: ObjectStore, contents: bytes) -> None:
    objects.put("tone/1/weights.bin", contents)


@pytest.mark.parametrize("length", [0, 1, 255, 4096, 50_000, 65_536, 99_999, 100_001])
def test_a_cut_or_longer_file_is_refused(folder: Path, store: ModelStore, objects: ObjectStore, length: int) -> None:
    _replace(objects, (WEIGHTS + b"x")[:length])
    with pytest.raises(ModelCorrupt) as caught:
        store.fetch("tone")
    assert isinstance(caught.value, Unavailable)
    assert caught.value.status == 503


@pytest.mark.parametrize("position", [0, 7, 4095, 4096, 33_333, 65_535, 99_999])
def test_one_flipped_bit_is_refused(folder: Path, store: ModelStore, objects: ObjectStore, position: int) -> None:
    flipped = bytearray(WEIGHTS)
    flipped[position] ^= 1 << position % 8
    _replace(objects, bytes(flipped))
    with pytest.raises(ModelCorrupt, match="sha256"):
        store.fetch("tone")


def test_a_file_that_is_missing_is_refused(folder: Path, store: ModelStore, objects: ObjectStore) -> None:
    objects.delete("tone/1/sub/config.json")
    with pytest.raises(ModelCorrupt):
        store.fetch("tone")


@in_a_folder
def test_damage_is_noticed_after_the_model_was_verified(folder: Path, store: ModelStore) -> None:
    store.fetch("tone")
    status = (folder / "weights.bin").stat()
    damaged = WEIGHTS[:-1] + bytes([WEIGHTS[-1] ^ 1])
    (folder / "weights.bin").write_bytes(damaged)
    os.utime(folder / "weights.bin", ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(ModelCorrupt):
        store.fetch("tone")
    (folder / "weights.bin").write_bytes(WEIGHTS)
    assert store.fetch("tone").path == folder


@in_a_folder
def test_a_file_is_hashed_once(folder: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.fetch("tone")
    monkeypatch.setattr("shared.store.verify.sha256_of", lambda path: pytest.fail("hashed again"))
    store.fetch("tone")


@in_a_folder
@pytest.mark.parametrize(
    "kind", ["symlink", "hardlink", "folder-link", "extra-file", "extra-link", "pipe", "version-link"]
)
def test_links_and_strangers_are_refused(folder: Path, store: ModelStore, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "weights.bin").write_bytes(WEIGHTS)
    (outside / "config.json").write_bytes(b"{}")
    _plant(kind, folder, outside)
    with pytest.raises(Problem):
        store.fetch("tone")


def _plant(kind: str, folder: Path, outside: Path) -> None:
    weights = folder / "weights.bin"
    match kind:
        case "symlink":
            weights.unlink()
            weights.symlink_to(outside / "weights.bin")
        case "hardlink":
            weights.unlink()
            weights.hardlink_to(outside / "weights.bin")
        case "folder-link":
            (folder / "sub" / "config.json").unlink()
            (folder / "sub").rmdir()
            (folder / "sub").symlink_to(outside)
        case "extra-file":
            (folder / "vocabulary.txt").write_text("stranger")
        case "extra-link":
            (folder / "canary").symlink_to(outside / "weights.bin")
        case "pipe":
            os.mkfifo(folder / "pipe")
        case "version-link":
            folder.rename(outside / "1")
            folder.symlink_to(outside / "1")


@in_a_folder
def test_documents_and_leftovers_of_a_publication_do_not_matter(folder: Path, store: ModelStore) -> None:
    (folder / "MODEL_CARD.md").write_text("for people")
    (folder / ".timbre-partial-00").write_bytes(b"half")
    assert store.fetch("tone").path == folder


def test_another_models_files_are_refused(folder: Path, store: ModelStore, objects: ObjectStore) -> None:
    for file in ("manifest.json", "weights.bin", "sub/config.json"):
        objects.put(f"copy/1/{file}", objects.get(f"tone/1/{file}"))
    with pytest.raises(ModelCorrupt, match="belongs to another"):
        store.fetch("copy")


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("a.bin", pickle.dumps({"a": 1}, protocol=2)),
        ("a.bin", pickle.dumps({"a": 1}, protocol=5)),
        ("a", b"PK\x03\x04 archive/data.pkl"),
        ("a.bin", b"\x89HDF\r\n\x1a\n"),
        ("a.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
        ("a.onnx", b""),
    ],
)
def test_contents_that_run_code_are_refused_whatever_their_name(tmp_path: Path, name: str, contents: bytes) -> None:
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(ModelCorrupt):
        refuse_unsafe(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("a.bin", b"\x06\0\0\0"),
        ("a.safetensors", b"\x80\x02\0\0\0\0\0\0{}"),
        ("a.npz", b"PK\x03\x04"),
        ("a.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"),
        ("a.json", b"{}"),
        ("empty.txt", b""),
    ],
)
def test_harmless_contents_pass(tmp_path: Path, name: str, contents: bytes) -> None:
    (tmp_path / name).write_bytes(contents)
    refuse_unsafe(tmp_path / name)


def test_a_folder_that_is_not_there_does_not_verify(store: ModelStore, make_model: MakeModel, tmp_path: Path) -> None:
    manifest = store.publish(make_model("tone", "1", {"a": b"a"}), "tone", "1")
    with pytest.raises(ModelCorrupt):
        Verifier().verify(tmp_path / "nowhere", manifest)
