"""`timbre transcribe` against the real service, with the engine that makes words of notes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.stt.app import create_app
from services.stt.settings import SttSettings
from shared.audio import Sound, encode
from tests.client.shell import Run
from tests.serving import served

RATE_HZ = 16_000


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with served(create_app(SttSettings(stt_engine="fake"))) as url:
        monkeypatch.setenv("TIMBRE_URL", url)
        yield
