"""Models of Coqui's in the running service: listed beside the others, spoken with, timed, or left out with a reason."""

import json
import logging
import os
import pickle
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("TTS")

from TTS.utils.synthesizer import PAD_SILENCE_SAMPLES, Synthesizer

from services.tts.app import create_app
from services.tts.coqui.config import ABOUT
from services.tts.coqui.opened import OfSymbols, open_coqui
from services.tts.engines.coqui import Coqui
from services.tts.engines.trained import TrainedStyle
from services.tts.network import Manner
from services.tts.settings import TTSSettings
from services.tts.speech import VoiceInfo
from shared.audio import AudioLimits, Sound, decode
from shared.problems import InvalidInput
from tests.services.tts.coqui.folders import (
    ESPEAK,
    glow_tts,
    tacotron2,
    vits,
    vits_of,
    write,
    write_statistics,
    write_vocoder,
    write_xtts,
)
from tests.serving import in_process
from tests.started import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1200)]
CONSENT = {"speaker": "Alice Example", "basis": "signed statement"}
MARKS: dict[str, Any] = {"response_format": "json", "speech_marks": ["word"]}
ABOUT_ALICE = {"licence": "CC0-1.0", "gender": "female", "display_name": "Alice", "consent": CONSENT}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some folders that can be spoken with, and some that cannot."""
    folder = tmp_path_factory.mktemp("coqui-models")
    alice = vits()
    alice.config.update(ESPEAK)
    write(alice, folder / "alice")
    (folder / "alice" / ABOUT).write_text(json.dumps(ABOUT_ALICE))
    write(vits_of("Ann", "Bob B.", "Zoë", "李"), folder / "cast")
    write(vits_of("angry", "neutral"), folder / "moody")
    write(glow_tts(), folder / "glow")
    write(glow_tts(), folder / "Capitals")
    write_xtts(folder / "guest", "Ann Example", "Bo")
    (folder / "guest" / ABOUT).write_text(json.dumps({"language": "de"}))
    (write(alice, folder / "damaged") / "best_model.pth").write_bytes(b"nothing")
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("mine")
    return folder


@pytest.fixture
def settings(models: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "tts_engines": ("fake", "coqui"),
        "coqui_models": str(models),
        "default_voice": "fake",
        "models_cache": str(tmp_path),
        "sentence_timeout_seconds": 300,
    }


@pytest.fixture
async def http(settings: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with in_process(create_app(TTSSettings(**settings))) as http:
        yield http


async def spoken(http: httpx.AsyncClient, voice: str, **members: object) -> httpx.Response:
    told = {"input": "We walked home, at last.", "voice": voice, "response_format": "wav"}
    answer = await http.post("/v1/audio/speech", json={**told, **members})
    assert answer.status_code == 200, answer.text
    return answer


async def heard(http: httpx.AsyncClient, voice: str, **members: object) -> Sound:
    return decode((await spoken(http, voice, **members)).content, AudioLimits())


async def test_voices_of_all_models_are_listed_beside_the_others(http: httpx.AsyncClient) -> None:
    listed = {voice["id"]: voice for voice in (await http.get("/v1/audio/voices")).json()["voices"]}
    cast = ["cast-ann", "cast-bob-b", "cast-zo", "cast-3"]
    assert list(listed) == ["fake", "alice", *cast, "glow", "guest-ann-example", "guest-bo", "moody"]
    alice = listed["alice"]
    assert (alice["name"], alice["engine"], alice["model"], alice["gender"]) == (
        "Alice",
        "coqui",
        "coqui/alice",
        "female",
    )
    assert (alice["licence"], alice.get("noncommercial", False), alice["language"]) == ("CC0-1.0", False, "en-us")
    assert alice["consent"] == {**CONSENT, "given_on": None}
    assert (listed["glow"]["licence"], listed["glow"]["noncommercial"]) == ("not stated", True)
    assert (listed["guest-bo"]["language"], listed["glow"]["language"]) == ("de", "en-us")
    assert (listed["guest-bo"]["licence"][:4], listed["guest-bo"]["noncommercial"]) == ("CPML", True)
    assert [listed["moody"]["emotions"][name]["fallback"] for name in ("angry", "happy")] == [False, True]


async def test_a_sentence_is_spoken_and_its_words_are_timed(http: httpx.AsyncClient) -> None:
    answer = await spoken(http, "alice")
    assert (answer.headers["x-timbre-model"], answer.headers["x-timbre-synthetic"]) == ("coqui/alice", "true")
    sound = decode(answer.content, AudioLimits())
    assert sound.seconds > 0.1
    marks = [json.loads(line) for line in (await spoken(http, "alice", **MARKS)).text.splitlines()]
    assert [mark["value"] for mark in marks] == ["We", "walked", "home", "at", "last"]
    times = [mark["time"] for mark in marks]
    assert times == sorted(set(times))
    told = await spoken(http, "alice", response_format="json", speech_marks=["viseme"])
    assert [json.loads(line)["type"] for line in told.text.splitlines()].count("viseme") > 10


@pytest.mark.parametrize("voice", ["alice", "glow"])
async def test_a_faster_rate_is_asked_of_the_network(voice: str, http: httpx.AsyncClient) -> None:
    slow, fast = [(await heard(http, voice, speed=speed)).seconds for speed in (0.5, 2.0)]
    assert slow > 1.5 * fast


async def test_a_network_that_is_given_text_tells_words_by_what_is_heard(http: httpx.AsyncClient) -> None:
    long = " ".join(["Nobody knows the way from here to there, and nobody asks."] * 4)
    sound = await heard(http, "guest-bo", input=long)
    assert sound.seconds > 1.0
    marks = [json.loads(line) for line in (await spoken(http, "guest-bo", input=long, **MARKS)).text.splitlines()]
    assert len(marks) == len(long.split())
    times = [mark["time"] for mark in marks]
    assert times == sorted(times)
    assert len(set(times)) > 40


async def test_a_trained_emotion_is_another_speaker(settings: dict[str, Any]) -> None:
    engine = Coqui(TTSSettings(**settings))
    await engine.start()
    [moody] = [voice for voice in engine.voices() if voice.id == "moody"]
    assert [speaker_of(moody.speaking_in(emotion)) for emotion in ("neutral", "angry", "happy")] == [1, 0, 1]
    await engine.close()


def speaker_of(voice: VoiceInfo) -> int | None:
    assert isinstance(voice.spoken_by, TrainedStyle)
    return voice.spoken_by.speaker


async def test_models_that_cannot_be_used_are_told_of(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with in_process(create_app(TTSSettings(**settings))):
        pass
    left_out = {record.__dict__["model"]: record for record in caplog.records if "left out" in record.message}
    assert left_out.keys() == {"Capitals", "damaged", "empty"}
    assert "no config.json" in str(left_out["empty"].exc_info)
    assert "holds more than weights" in str(left_out["damaged"].exc_info)


async def test_who_may_use_no_noncommercial_models_gets_those_whose_licence_is_told(settings: dict[str, Any]) -> None:
    async with in_process(create_app(TTSSettings(**settings, noncommercial_models=False))) as http:
        listed = (await http.get("/v1/audio/voices")).json()["voices"]
    assert [voice["id"] for voice in listed] == ["fake", "alice"]


async def test_no_text_is_logged(http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for voice in ("alice", "glow", "guest-bo"):
        await spoken(http, voice, input="Zwölf Boxkämpfer.")
    assert "Boxk" not in caplog.text


def opened(folder: Path) -> OfSymbols:
    model = open_coqui(folder, 1)
    assert isinstance(model, OfSymbols)
    return model


def ids_of(model: OfSymbols) -> list[int]:
    symbols = model.parameters.front_end.symbols
    return [id for letter in "home at last" for id in symbols.get(letter, [])] * 3


@pytest.mark.parametrize("rate_hz", [22_050, 24_000])
def test_a_vocoder_beside_a_network_makes_its_sound(rate_hz: int, tmp_path: Path) -> None:
    write_vocoder(write(glow_tts(), tmp_path), rate_hz)
    model = opened(tmp_path)
    ids = ids_of(model)
    said = model.network.speak(ids, Manner())
    assert model.network.sample_rate_hz == rate_hz
    assert said.seconds_of_ids is not None
    assert said.seconds_of_ids.shape == (len(ids),)
    frames = len(said.samples) / 256
    assert frames == pytest.approx(10 * len(ids) * rate_hz / 22_050, rel=0.4)


def readable_statistics(folder: Path) -> None:
    """Do what docs/voices.md asks of a model's owner."""
    [command] = re.findall(r'python -c "(.*allow_pickle.*)"', (ROOT / "docs" / "voices.md").read_text())
    subprocess.run([sys.executable, "-c", command], cwd=folder, check=True)


@pytest.mark.parametrize("has_statistics", [False, True])
@pytest.mark.parametrize("rate_hz", [22_050, 24_000])
def test_a_model_says_what_coquis_own_program_has_it_say(rate_hz: int, has_statistics: bool, tmp_path: Path) -> None:
    write_vocoder(write(glow_tts(), tmp_path, lambda told: told["audio"].update(do_trim_silence=False)), rate_hz)
    for folder in (tmp_path, tmp_path / "vocoder") if has_statistics else ():
        write_statistics(folder)
        with pytest.raises(InvalidInput, match="write scale_stats"):
            opened(tmp_path)
        readable_statistics(folder)
    files = {"tts_checkpoint": "best_model.pth", "tts_config_path": "config.json"}
    files |= {"vocoder_checkpoint": "vocoder/best_model.pth", "vocoder_config": "vocoder/config.json"}
    own = Synthesizer(**{name: tmp_path / file for name, file in files.items()})
    expected = np.array(own.tts("we walked home at last"))[:-PAD_SILENCE_SAMPLES]
    said = opened(tmp_path).network.speak(own.tts_model.tokenizer.text_to_ids("we walked home at last"), Manner())
    np.testing.assert_allclose(said.samples, expected, atol=1e-3)


def test_a_decoder_that_does_not_find_the_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tts.coqui.network._MOST_STEPS", 20)
    model = opened(write(tacotron2(), tmp_path))
    assert model.network.changes == ()
    said = model.network.speak(ids_of(model), Manner(rate=2.0))
    assert 0.2 < len(said.samples) / 22_050 < 1.0
    assert said.seconds_of_ids is not None
    assert said.seconds_of_ids.sum() == pytest.approx(len(said.samples) / 22_050)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told.update(generator_model="os"), "only hifigan_generator"),
        (lambda told: told.update(generator_model_params={"upsample_factors": 7}), "not those that its configuration"),
        (lambda told: told["audio"].update(stats_path="stats.npy"), "scaled by a pickle"),
    ],
)
def test_a_vocoder_that_cannot_be_used(change: Any, said: str, tmp_path: Path) -> None:
    write_vocoder(write(glow_tts(), tmp_path), 22_050)
    told = json.loads((tmp_path / "vocoder" / "config.json").read_text())
    change(told)
    (tmp_path / "vocoder" / "config.json").write_text(json.dumps(told))
    with pytest.raises(InvalidInput, match=said):
        open_coqui(tmp_path, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told["model_args"].update(gpt_layers=1 << 30), "more than any such network has"),
        (lambda told: told["model_args"].update(gpt_n_heads=3), "not those of the network"),
        (lambda told: told.update(model_args=7), "none that Coqui's xtts has"),
    ],
)
def test_an_xtts_that_cannot_be_used(change: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=said):
        open_coqui(write_xtts(tmp_path, "Ann", change=change), 1)


@pytest.mark.parametrize("name", ["vocab.json", "model.pth", "speakers_xtts.pth"])
def test_no_file_of_an_xtts_is_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_xtts(tmp_path, "Ann")
    (tmp_path / name).write_bytes(pickle.dumps(Code()))
    with pytest.raises(InvalidInput, match="not those of the network"):
        open_coqui(tmp_path, 1)
    assert not (tmp_path / "was-run").exists()


class Code:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch was-run",)
