"""Catalogues of a test's own, whose models lie on a web server of its own."""

import hashlib
import json
from pathlib import Path

from tests.shared.store.web import Site

WEIGHTS = bytes(range(256)) * 4_000
FILES = {"model.bin": WEIGHTS, "config.json": b"{}"}


def sum_of(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()


def catalogue(site: Site, place: Path, contents: dict[str, bytes] = FILES, **members: object) -> Path:
    """Put files on the server, and write a catalogue that has them as model "tone" 1; members are changed in it."""
    site.files |= contents
    pins = {name: {"size_bytes": len(data), "sha256": sum_of(data)} for name, data in contents.items()}
    model: dict[str, object] = {
        "name": "tone", "version": "1", "task": "speech-to-text", "engine": "whisper", "licence": "MIT",
        "source": "https://example.com/tone", "address": site.address, "files": pins, **members,
    }  # fmt: skip
    path = place / "catalogue.toml"
    path.write_text(f"[[models]]\n{_toml(model)}")
    return path


def _toml(members: dict[str, object]) -> str:
    # A string, number, list or flag of JSON is one of TOML too.
    plain = "".join(f"{key} = {json.dumps(value)}\n" for key, value in members.items() if not isinstance(value, dict))
    tables = [(key, value) for key, value in members.items() if isinstance(value, dict)]
    return plain + "".join(
        f"[models.{key}]\n" + "".join(f"{json.dumps(name)} = {_inline(value)}\n" for name, value in table.items())
        for key, table in tables
    )


def _inline(value: object) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{" + ", ".join(f"{json.dumps(key)} = {json.dumps(one)}" for key, one in value.items()) + "}"
