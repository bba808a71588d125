"""`timbre transcribe` against the real service, with the engine that makes words of notes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.stt.app import create_app
from services.stt.settings import SttSettings
from shared.audio import Sound, encode
from tests.client.shell import Run
from tests.serving import served
from tests.sounds import spoken


@pytest.fixture(scope="module")
def speech() -> Sound:
    return spoken("rms")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with served(create_app(SttSettings(stt_engine="fake"))) as url:
        monkeypatch.setenv("TIMBRE_URL", url)
        yield


@pytest.fixture
def recordings(tmp_path: Path, speech: Sound) -> list[str]:
    """Somebody who speaks, nobody, and what is no sound."""
    silence = Sound(0 * speech.samples, speech.sample_rate_hz)
    for name, content in {"a.mp3": encode(speech, "mp3"), "b.wav": encode(silence, "wav"), "c.wav": b"text"}.items():
        (tmp_path / name).write_bytes(content)
    return ["a.mp3", "b.wav", "c.wav"]


@pytest.mark.usefixtures("service")
def test_files_of_all_kinds(run: Run, recordings: list[str]) -> None:
    speech, silence, _ = recordings
    alone = run("transcribe", speech)
    assert (alone.status, alone.err) == (0, "")
    assert len(alone.out.split()) >= 5
    nobody = run("transcribe", silence)
    assert (nobody.status, nobody.out, nobody.err) == (1, "", "")
    several = run("transcribe", *recordings)
    assert several.status == 2
    assert several.out.splitlines() == [f"a.mp3  {alone.out.strip()}", "b.wav"]
    assert several.err.startswith("c.wav: This format is not supported: ")


@pytest.mark.usefixtures("service")
def test_formats(run: Run, recordings: list[str], speech: Sound) -> None:
    text = run("transcribe", recordings[0]).out.strip()
    rows = [line.split() for line in run("transcribe", recordings[0], "--words").out.splitlines()]
    assert rows[0] == ["FILE", "START", "END", "WORD"]
    assert [row[3] for row in rows[1:]] == text.split()
    assert all(0 <= float(row[1]) < float(row[2]) <= speech.seconds + 1 for row in rows[1:])
    (line,) = run("transcribe", recordings[0], "--json", "--words").out.splitlines()
    told: dict[str, Any] = json.loads(line)
    assert (told["file"], told["text"], len(told["words"])) == ("a.mp3", text, len(text.split()))
    assert told["segments"]
    srt, vtt = (run("transcribe", recordings[0], "--format", kind) for kind in ("srt", "vtt"))
    assert (srt.status, vtt.status) == (0, 0)
    assert srt.out.startswith("1\n00:00:0")
    assert vtt.out.startswith("WEBVTT\n\n00:00:0")
    assert [run("transcribe", recordings[1], "--format", kind).status for kind in ("srt", "vtt")] == [1, 1]


@pytest.mark.usefixtures("service")
def test_wrong_wishes_are_told_once(run: Run, recordings: list[str]) -> None:
    for files in (recordings[:1], recordings[:2]):
        said = run("transcribe", *files, "--model", "no-such-model")
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
