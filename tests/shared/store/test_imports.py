"""Folders and archives become models: whole or not at all, with the catalogue's word for what they are."""

import json
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.problems import AlreadyExists, InvalidInput, Json, ModelCorrupt, Problem
from shared.store import Manifest, ModelStore
from shared.store.catalogue import CATALOGUE, read_catalogue
from shared.store.imports import Import
from tests.shared.store.conftest import MakeModel
from tests.shared.store.pulling import FILES, WEIGHTS, catalogue
from tests.shared.store.test_unpack import Pack, as_folder, as_tar, as_zip
from tests.shared.store.web import Site

everything = pytest.mark.parametrize("pack", [as_folder, as_zip, as_tar])


def import_(
    store: ModelStore, source: Path, place: Path, given: dict[str, Json], known: Path = CATALOGUE, version: str = "1"
) -> Manifest:
    left_by_a_process_that_was_killed = place / "imports" / "tone" / version / "files" / "left.bin"
    left_by_a_process_that_was_killed.parent.mkdir(parents=True, exist_ok=True)
    left_by_a_process_that_was_killed.write_bytes(b"left")
    try:
        return Import(store, source, "tone", version, given, read_catalogue(known), place / "imports").run()
    finally:
        assert {path.suffix for path in (place / "imports").rglob("*") if path.is_file()} == {".lock"}


@everything
def test_what_is_said_of_it(pack: Pack, store: ModelStore, tmp_path: Path) -> None:
    files = {f"model-0.15/{name}": contents for name, contents in FILES.items()}
    manifest = import_(store, pack(tmp_path, files), tmp_path, {"engine": "vosk", "languages": ["en"]})
    assert (manifest.engine, manifest.task, manifest.languages) == ("vosk", "speech-to-text", ["en"])
    assert manifest.licence == "not stated"
    fetched = store.fetch("tone")
    assert {name: fetched.file(name).read_bytes() for name in manifest.files} == FILES


@everything
def test_a_manifest_among_the_files(pack: Pack, store: ModelStore, make_model: MakeModel, tmp_path: Path) -> None:
    made = make_model("tone", "1", {"w.bin": b"w"})
    source = pack(tmp_path, {name: (made / name).read_bytes() for name in ("w.bin", "manifest.json")})
    assert import_(store, source, tmp_path, {"licence": "MIT"}).engine == "fake"
    assert store.fetch("tone").manifest.licence == "MIT"


@everything
def test_a_model_of_the_catalogue(pack: Pack, store: ModelStore, site: Site, tmp_path: Path) -> None:
    source = pack(tmp_path, {**FILES, "README.md": b"for people", ".gitattributes": b"*"})
    manifest = import_(store, source, tmp_path, {}, catalogue(site, tmp_path))
    assert (manifest.engine, manifest.licence) == ("whisper", "MIT")
    assert manifest.files.keys() == FILES.keys()


def test_an_archive_of_the_catalogue(store: ModelStore, site: Site, tmp_path: Path) -> None:
    source = as_zip(tmp_path, FILES)
    known = catalogue(site, tmp_path, {"tone.zip": source.read_bytes()}, is_archive=True)
    with pytest.raises(InvalidInput, match="import that"):
        import_(store, as_folder(tmp_path / "other", FILES), tmp_path, {}, known)
    with pytest.raises(ModelCorrupt):
        import_(store, as_tar(tmp_path / "other" / "given", FILES).rename(tmp_path / "tone.tgz"), tmp_path, {}, known)
    assert import_(store, source, tmp_path, {}, known).engine == "whisper"


@pytest.mark.parametrize(
    ("changed", "kind"),
    [({"model.bin": WEIGHTS[::-1]}, ModelCorrupt), ({"model.bin": WEIGHTS[1:]}, ModelCorrupt),
     ({"further.bin": b"x"}, InvalidInput)],
)  # fmt: skip
def test_what_only_says_that_it_is_of_the_catalogue(
    changed: dict[str, bytes], kind: type[Problem], store: ModelStore, objects: ObjectStore, site: Site, tmp_path: Path
) -> None:
    known = catalogue(site, tmp_path)
    source = as_folder(tmp_path, {**FILES, **changed})
    with pytest.raises(kind):
        import_(store, source, tmp_path, {}, known)
    assert list(objects.list()) == []
    assert import_(store, source, tmp_path, {"engine": "whisper"}, known).licence == "not stated"


def test_nobody_knows_what_it_is(store: ModelStore, site: Site, tmp_path: Path) -> None:
    source = as_folder(tmp_path, FILES)
    with pytest.raises(InvalidInput, match="--engine"):
        import_(store, source, tmp_path, {})
    with pytest.raises(InvalidInput, match="version 1"):
        import_(store, source, tmp_path, {}, catalogue(site, tmp_path), version="2")


@pytest.mark.parametrize(
    "files",
    [{"w.bin": b"\x80\x04\x95."}, {"w.pkl": b"w"}, {"w.bin": b"PK\x03\x04"}, {"w.bin": b"\x89HDF"}, {".hidden": b"x"},
     {"W.bin": b"w", "w.bin": b"w"}, {"manifest.json": b"{", "w": b"w"}, {"manifest.json": b"[]", "w": b"w"},
     {"manifest.json": json.dumps({"version": "2"}).encode(), "w": b"w"}],
)  # fmt: skip
@everything
def test_all_or_nothing(
    files: dict[str, bytes], pack: Pack, store: ModelStore, objects: ObjectStore, tmp_path: Path
) -> None:
    source = pack(tmp_path, {"a-good.bin": b"good", **files} if ".hidden" not in files else files)
    with pytest.raises(Problem):
        import_(store, source, tmp_path, {"engine": "whisper"})
    assert list(objects.list()) == []


def test_versions_never_change(store: ModelStore, tmp_path: Path) -> None:
    source = as_folder(tmp_path, FILES)
    import_(store, source, tmp_path, {"engine": "whisper"})
    with pytest.raises(AlreadyExists):
        import_(store, source, tmp_path, {"engine": "whisper"})


@pytest.mark.parametrize(("name", "version"), [("../tone", "1"), ("tone", "../1"), ("", "1"), ("tone", "current")])
def test_names_that_are_none(name: str, version: str, store: ModelStore, tmp_path: Path) -> None:
    source, place = as_folder(tmp_path, FILES), tmp_path / "imports"
    with pytest.raises(InvalidInput):
        Import(store, source, name, version, {"engine": "whisper"}, read_catalogue(), place).run()
    assert not place.exists()
