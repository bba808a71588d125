"""Configurations of Piper voices as facts of a manifest: the numbers that Piper makes, and hostile ones."""

import json
from typing import Any

import pytest

from services.tts.engines.piper_config import MAX_CONFIG_BYTES, piper_voice
from services.tts.front_end import id_sequences, sounds_of_all, spoken_words
from services.tts.parameters import VoiceParameters
from shared.problems import ModelCorrupt

_PUNCTUATION = {"_": 0, "^": 1, "$": 2, " ": 3, "!": 4, "'": 5, "(": 6, ")": 7, ",": 8, "-": 9, ".": 10, ":": 11}
_LETTERS = {";": 12, "?": 13, "a": 14, "b": 15, "c": 16, "d": 17, "h": 20, "l": 24, "o": 27, "w": 35, "ç": 40, "ð": 41}
_IPA = {"ɜ": 62, "ə": 59, "ɹ": 88, "ʊ": 100, "ˈ": 120, "ː": 122, "\u0327": 140, "ɚ": 60}
ENGLISH: dict[str, Any] = {
    "audio": {"sample_rate": 22050, "quality": "medium"},
    "espeak": {"voice": "en-us"},
    "inference": {"noise_scale": 0.333, "length_scale": 1, "noise_w": 0.8},
    "phoneme_type": "espeak",
    "phoneme_map": {},
    "phoneme_id_map": {symbol: [id] for symbol, id in {**_PUNCTUATION, **_LETTERS, **_IPA}.items()},
    "num_symbols": 256,
    "num_speakers": 1,
    "speaker_id_map": {},
    "piper_version": "1.0.0",
    "language": {"code": "en_US", "family": "en", "region": "US"},
    "dataset": "somebody",
}
"""As Piper's voices have it; fewer symbols."""


def config(**changes: object) -> bytes:
    given = {**ENGLISH, **changes}
    return json.dumps({name: value for name, value in given.items() if value is not None}).encode()


def test_numbers_are_those_of_piper() -> None:
    """Piper says: həlˈoʊ, wˈɜːld!"""
    front_end = VoiceParameters.model_validate(piper_voice(config()).parameters).front_end
    words = spoken_words("Hello, world!", "en-us")
    (made,) = id_sequences(front_end, words, sounds_of_all([words], front_end)[0])
    hello, world = [20, 59, 24, 120, 27, 100], [35, 120, 62, 122, 24, 17]
    spaced = [id for symbol in [*hello, 8, 3, *world, 4] for id in (symbol, 0)]
    assert list(made.ids) == [1, 0, *spaced, 2]


def test_facts() -> None:
    voice = piper_voice(config())
    assert (voice.sample_rate_hz, voice.languages, voice.speakers) == (22_050, ["en-us"], {})
    assert voice.parameters["inference"] == {"noise_scale": 0.333}
    assert json.loads(json.dumps(voice.parameters)) == voice.parameters


def test_what_older_voices_do_not_say() -> None:
    voice = piper_voice(config(**dict.fromkeys(["language", "inference", "phoneme_type", "num_speakers"])))
    assert voice.languages == ["en-us"]
    assert VoiceParameters.model_validate(voice.parameters).inference.noise_w == 0.8


def test_several_speakers() -> None:
    assert piper_voice(config(num_speakers=2, speaker_id_map={"p225": 1, "p226": 0})).speakers == {"p225": 1, "p226": 0}
    assert piper_voice(config(num_speakers=3)).speakers == {"0": 0, "1": 1, "2": 2}


def test_voices_of_letters() -> None:
    parameters = piper_voice(config(phoneme_type="text", espeak={"voice": "uk"})).parameters
    front_end = VoiceParameters.model_validate(parameters).front_end
    assert (front_end.phonemizer, front_end.language) == ("characters", "uk")


@pytest.mark.parametrize("voice", ["en-gb-x-rp", "pt-br", "es-419", "cmn", "EN-US"])
def test_languages(voice: str) -> None:
    parameters = piper_voice(config(espeak={"voice": voice})).parameters
    assert VoiceParameters.model_validate(parameters).front_end.language == voice.lower()


@pytest.mark.parametrize(
    "wrong",
    [
        {"audio": None},
        {"audio": {"sample_rate": 22050.5}},
        {"audio": {"sample_rate": "22050"}},
        {"audio": {"sample_rate": 1 << 40}},
        {"espeak": {"voice": "../../../etc/passwd"}},
        {"espeak": {"voice": "en-us+f3"}},
        {"espeak": None},
        {"language": {"code": "x" * 40}},
        {"language": {"code": "en US\n"}},
        {"inference": {"noise_scale": -1, "length_scale": 1, "noise_w": 0.8}},
        {"inference": {"noise_scale": 0, "length_scale": 0, "noise_w": 0.8}},
        {"phoneme_type": "pinyin"},
        {"phoneme_map": {"a": ["b"]}},
        {"phoneme_id_map": None},
        {"phoneme_id_map": {"a": [1]}},
        {"phoneme_id_map": {**ENGLISH["phoneme_id_map"], "a": 14}},
        {"phoneme_id_map": {**ENGLISH["phoneme_id_map"], "a": [-14]}},
        {"phoneme_id_map": {**ENGLISH["phoneme_id_map"], "a": [14] * 1000}},
        {"phoneme_id_map": {**ENGLISH["phoneme_id_map"], **{str(number): [1] for number in range(5000)}}},
        {"num_speakers": 0},
        {"num_speakers": 1 << 40},
        {"num_speakers": 2, "speaker_id_map": {"a": 2}},
        {"num_speakers": 2, "speaker_id_map": {"a": -1}},
        {"num_speakers": 2, "speaker_id_map": {"": 1}},
    ],
)
def test_configurations_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        piper_voice(config(**wrong))


@pytest.mark.parametrize(
    "contents",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"audio": NaN}', b"[" * 100_000, b" " * (MAX_CONFIG_BYTES + 1)],
)
def test_files_that_are_no_configuration(contents: bytes) -> None:
    with pytest.raises(ModelCorrupt):
        piper_voice(contents)


def test_problems_quote_nothing() -> None:
    with pytest.raises(ModelCorrupt) as raised:
        piper_voice(config(espeak={"voice": "<secret>"}))
    assert "secret" not in raised.value.detail
