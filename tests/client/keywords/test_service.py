"""`timbre keywords` and the service itself, with the engine that takes tones for words."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.keywords.app import create_app
from services.keywords.engines.fake import TONES_HZ
from services.keywords.settings import KeywordsSettings
from shared.audio import Sound, encode
from tests.client.shell import Run
from tests.serving import served

RATE_HZ = 16_000


def tone(word: str, seconds: float = 0.5) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * TONES_HZ[word] * np.arange(seconds * RATE_HZ) / RATE_HZ)).astype(np.float32)


def recording(*parts: np.ndarray) -> bytes:
    return encode(Sound(np.concatenate(parts), RATE_HZ), "wav")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with served(create_app(KeywordsSettings(keywords_engine="fake"))) as url:
        monkeypatch.setenv("TIMBRE_URL", url)
        yield


@pytest.mark.usefixtures("service")
def test_files_of_all_kinds(run: Run, tmp_path: Path) -> None:
    pause = np.zeros(2 * RATE_HZ, np.float32)
    quarter = pause[: RATE_HZ // 4]
    sounds = {
        "clip.wav": recording(quarter, tone("yes"), quarter),
        "silence.wav": recording(pause[:RATE_HZ]),
        "long.wav": recording(pause, tone("no"), pause, tone("stop"), pause),
    }
    for name, sound in sounds.items():
        (tmp_path / name).write_bytes(sound)
    said = run("keywords", *sounds)
    assert (said.status, said.err) == (1, "")
    rows = [line.split() for line in said.out.splitlines()[1:]]
    assert [row[:2] for row in rows] == [
        ["clip.wav", "yes"],
        ["silence.wav", "silence"],
        ["long.wav", "no"],
        ["long.wav", "stop"],
    ]
    assert abs(float(rows[2][3]) - 2) < 0.5
    assert run("keywords", "clip.wav", "--threshold", "0.5").status == 0
    assert run("keywords", "clip.wav", "--keywords", "no,stop").status == 1
    wrong = run("keywords", "clip.wav", "long.wav", "--keywords", "sesame")
    assert (wrong.status, wrong.out, wrong.err.count("\n")) == (2, "", 1)
    (tmp_path / "text.wav").write_text("This is no sound.")
    (tmp_path / "empty.wav").write_text("")
    mixed = run("keywords", "text.wav", "empty.wav", "clip.wav")
    assert mixed.status == 2
    assert [line.split(": ")[0] for line in mixed.err.splitlines()] == ["text.wav", "empty.wav"]
    assert mixed.out.splitlines()[-1].split()[:2] == ["clip.wav", "yes"]
    for name, status in (("--model=none", 2), ("--threshold=7", 2)):
        assert run("keywords", "clip.wav", "clip.wav", name).status == status
