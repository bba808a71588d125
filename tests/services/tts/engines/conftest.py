"""Networks of voices, opened from a store as the service does it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.tts.network import NETWORKS
from shared.engines import find_engine
from shared.store import ModelStore
from tests.services.tts.voice_model import write_voice


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """`opened(contents, **changes)` publishes a voice for the module's `ENGINE` and opens it."""
    engine: str = request.module.ENGINE

    def open_voice(contents: bytes | None = None, threads: int = 1, **changes: object) -> Any:
        store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
        store.publish(write_voice(tmp_path / "voice", engine, contents, **changes), "alice", "1")
        return find_engine(NETWORKS, engine)(model=store.fetch("alice"), threads=threads)

    return open_voice
