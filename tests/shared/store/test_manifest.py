"""Manifests: what is taken, what is refused."""

import json

import pytest

from shared.problems import Json, ModelCorrupt
from shared.store.manifest import dump_manifest, parse_manifest

ENTRY: dict[str, Json] = {"sha256": "0" * 64, "size_bytes": 1}
GOOD: dict[str, Json] = {
    "name": "voice-a",
    "version": "1",
    "task": "speech",
    "engine": "vits",
    "licence": "CC-BY-NC-4.0",
    "noncommercial": True,
    "files": {"model.onnx": ENTRY, "espeak/phonemes.json": ENTRY},
    "labels": {"emotion": ["angry"]},
    "sample_rate_hz": 22050,
    "languages": ["en-GB"],
    "training_data": [{"name": "EmoV-DB", "licence": "research", "source": "openslr"}],
    "metrics": {"mos": 4.1, "per_label": {"angry": [0.5, 0.6]}},
    "parameters": {"noise_scale": 0.667, "ids": {"a": 1}},
    "voices": [
        {"voice": "anna", "speaker": 0},
        {"voice": "anna", "emotion": "angry", "style": "shouting", "speaker": 1},
    ],
    "consent": {"speaker": "Anna", "basis": "signed statement", "given_on": "2026-11-01", "record": "s3://b/consent"},
}


def _parse(**changes: Json) -> None:
    parse_manifest(json.dumps({**GOOD, **changes}).encode(), "voice-a", "1")


def test_a_manifest_is_read_and_written_without_loss() -> None:
    manifest = parse_manifest(json.dumps(GOOD).encode(), "voice-a", "1")
    assert json.loads(dump_manifest(manifest)) == {
        **GOOD,
        "voices": [
            {"voice": "anna", "speaker": 0},
            {"voice": "anna", "emotion": "angry", "style": "shouting", "speaker": 1},
        ],
    }
    assert parse_manifest(dump_manifest(manifest), "voice-a", "1") == manifest


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {}},
        {"files": {"../model.onnx": ENTRY}},
        {"files": {"/etc/passwd": ENTRY}},
        {"files": {"a/b/c/d/e": ENTRY}},
        {"files": {".hidden": ENTRY}},
        {"files": {"a\\b": ENTRY}},
        {"files": {"manifest.json": ENTRY}},
        {"files": {"A.bin": ENTRY, "a.bin": ENTRY}},
        {"files": {"model.onnx": {"sha256": "0" * 63, "size_bytes": 1}}},
        {"files": {"model.onnx": {"sha256": "G" * 64, "size_bytes": 1}}},
        {"files": {"model.onnx": {"sha256": "0" * 64, "size_bytes": -1}}},
        {"files": {"model.onnx": {"sha256": "0" * 64, "size_bytes": "1"}}},
        {"files": {"model.onnx": {"sha256": "0" * 64}}},
        {"name": "other"},
        {"version": "2"},
        {"version": "current"},
        {"name": "../voice-a"},
        {"licence": ""},
        {"licence": None},
        {"noncommercial": "yes"},
        {"sample_rate_hz": 0},
        {"sample_rate_hz": "22050"},
        {"consent": None},
        {"voices": [{"voice": "../anna"}]},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_wrong_manifest_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(ModelCorrupt):
        _parse(**changes)


@pytest.mark.parametrize("suffix", ["h5", "keras", "pkl", "pickle", "pt", "pth", "ckpt", "joblib", "H5", "Pt"])
def test_formats_that_run_code_are_refused(suffix: str) -> None:
    with pytest.raises(ModelCorrupt, match="may not have"):
        _parse(files={f"model.{suffix}": ENTRY})


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"{}", b"[" * 100_000, b'{"name":"voice-a"}'])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ModelCorrupt):
        parse_manifest(data, "voice-a", "1")


def test_the_problem_does_not_repeat_the_input() -> None:
    with pytest.raises(ModelCorrupt) as caught:
        _parse(sample_rate_hz="secret")
    assert "secret" not in caught.value.detail
