"""What of the engine `coqui` needs no torch: its packages are missed in words, and owners' words on models are checked.

With torch: tests/services/tts/coqui (make test-voices).
"""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.tts.coqui.config import ABOUT, About, read_about, read_config
from services.tts.engines.coqui import Coqui
from services.tts.settings import TTSSettings
from services.tts.speakers import styles_of_all
from shared.problems import EngineFailed, InvalidInput

pytestmark = pytest.mark.anyio


@pytest.mark.skipif(find_spec("TTS") is not None, reason="the packages are there")
async def test_without_its_packages_it_says_which_are_needed() -> None:
    engine = Coqui(TTSSettings())
    with pytest.raises(EngineFailed, match="group tts-coqui"):
        await engine.start()
    await engine.close()


def test_what_an_owner_says_of_a_model(tmp_path: Path) -> None:
    assert read_about(tmp_path) == About()
    told = {"licence": "CC0-1.0", "gender": "male", "consent": {"speaker": "Bob", "basis": "It is mine."}}
    (tmp_path / ABOUT).write_text(json.dumps(told))
    about = read_about(tmp_path)
    assert about.consent
    assert (about.licence, about.gender, about.consent.speaker) == ("CC0-1.0", "male", "Bob")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "timbre.json is wrong"),
        ('{"license": "MIT"}', "license: Extra inputs"),
        ('{"gender": "loud"}', "gender"),
        ('{"language": "../en"}', "language"),
    ],
)
def test_what_no_owner_may_say(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / ABOUT).write_text(text)
    with pytest.raises(InvalidInput, match=said):
        read_about(tmp_path)


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[]", '{"model": "vits"' + " " * (1 << 22) + "}"])
def test_a_configuration_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InvalidInput, match=r"no config\.json"):
        read_config(tmp_path)


def test_speakers_are_voices_or_emotions_of_one() -> None:
    assert [style.voice for style in styles_of_all("alice", {})] == ["alice"]
    cast = styles_of_all("cast", {"p225": 0, "ED\n": 1, "../..": 2, "x" * 80: 3})
    assert [(style.voice, style.speaker) for style in cast] == [
        ("cast-p225", 0),
        ("cast-ed", 1),
        ("cast-2", 2),
        ("cast-3", 3),
    ]
    moods = styles_of_all("alice", {"Anger": 0, "neutral": 1, "whispering": 2})
    assert [(style.voice, style.emotion, style.speaker) for style in moods] == [
        ("alice", None, 1),
        ("alice", "angry", 0),
    ]
