"""The catalogue: ours is sound, and others are read strictly."""

from pathlib import Path

import pytest

from shared.problems import InvalidInput, NotFound
from shared.store.catalogue import read_catalogue
from shared.store.https import checked
from shared.store.manifest import Manifest
from tests.shared.store.pulling import FILES, catalogue
from tests.shared.store.web import Site


def test_ours_has_what_the_engines_of_speech_to_text_open() -> None:
    models = {model.name: model for model in read_catalogue().models}
    assert {model.engine for model in models.values()} == {"whisper", "vosk", "deepspeech"}
    assert {f"whisper-{size}" for size in ("tiny", "base", "small", "medium", "large-v3")} <= models.keys()
    for model in models.values():
        assert checked(model.address).scheme == "https"
        assert "/main/" not in model.address, "a branch changes"
        assert model.size_bytes
        assert all(file.sha256 for file in model.files.values()) == (model.engine != "deepspeech")
        files = {"w": {"sha256": "0" * 64, "size_bytes": 1}}
        Manifest.model_validate({"name": model.name, "version": model.version, "files": files, **model.facts()})


def test_whisper_has_its_tokenizer() -> None:
    """Without it the engine would ask a hub."""
    for model in read_catalogue().models:
        if model.engine == "whisper":
            assert {"model.bin", "config.json", "tokenizer.json"} < model.files.keys()


def test_a_model_is_found_by_its_name(site: Site, tmp_path: Path) -> None:
    mine = read_catalogue(catalogue(site, tmp_path))
    assert mine.find("tone").size_bytes == sum(map(len, FILES.values()))
    with pytest.raises(NotFound, match="it has tone"):
        mine.find("bass")


@pytest.mark.parametrize(
    "members",
    [{"name": "../tone"}, {"version": "a/b"}, {"address": "ftp://example.com/"}, {"address": "https://example.com/w"},
     {"address": "https://a@example.com/"}, {"files": {}}, {"files": {"../w": {}}}, {"files": {"w": {"sha256": "0"}}},
     {"files": {"w": {"size_bytes": 0}}}, {"files": {"w": {"size_bytes": 1 << 60}}}, {"licence": ""}, {"colour": "red"},
     {"is_archive": True}],
)  # fmt: skip
def test_wrong_ones(members: dict[str, object], site: Site, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="catalogue is wrong"):
        read_catalogue(catalogue(site, tmp_path, **members))


def test_two_models_of_one_name(site: Site, tmp_path: Path) -> None:
    path = catalogue(site, tmp_path)
    path.write_text(path.read_text() * 2)
    with pytest.raises(InvalidInput, match="same name"):
        read_catalogue(path)


@pytest.mark.parametrize("contents", [b"[", b"\xff"])
def test_unreadable_ones(contents: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(contents)
    with pytest.raises(InvalidInput):
        read_catalogue(tmp_path / "c.toml")
    with pytest.raises(InvalidInput):
        read_catalogue(tmp_path / "none.toml")
