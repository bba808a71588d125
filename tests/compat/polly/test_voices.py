"""DescribeVoices, and whose voice is heard."""

from typing import Any

import pytest

from gateway.aws.polly.names import POLLY_VOICES
from tests.compat.polly.conftest import error_of

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def voices(polly: Any) -> dict[str, dict[str, Any]]:
    pages = polly.get_paginator("describe_voices").paginate()
    listed = [voice for page in pages for voice in page["Voices"]]
    assert len(listed) == len({voice["Id"] for voice in listed}) > 250
    return {voice["Id"]: voice for voice in listed}


def model_of(polly: Any, voice: str, **given: Any) -> str:
    answer = polly.synthesize_speech(Text="Hello.", VoiceId=voice, OutputFormat="pcm", **given)
    return str(answer["ResponseMetadata"]["HTTPHeaders"]["x-timbre-model"])


def sound_of(polly: Any, voice: str, text: str = "So you are back again.", **given: Any) -> bytes:
    answer = polly.synthesize_speech(Text=text, VoiceId=voice, OutputFormat="pcm", **given)
    return bytes(answer["AudioStream"].read())


def test_ours_are_listed_with_each_emotion(voices: dict[str, dict[str, Any]]) -> None:
    assert voices["slt"] == {
        "Gender": "Female",
        "Id": "slt",
        "LanguageCode": "en-US",
        "LanguageName": "US English",
        "Name": "SLT",
        "SupportedEngines": ["standard"],
    }
    assert voices["slt-angry"] == {**voices["slt"], "Id": "slt-angry", "Name": "SLT, angry"}
    assert "slt-neutral" not in voices


def test_pollys_own_names_are_listed_where_somebody_speaks_their_language(voices: dict[str, dict[str, Any]]) -> None:
    assert voices["Joanna"]["Name"] == "Joanna, spoken by SLT"
    assert voices["Vicki"].items() >= {"LanguageCode": "de-DE", "LanguageName": "German", "Gender": "Male"}.items()
    assert voices["Matthew"]["SupportedEngines"] == ["standard", "neural", "long-form", "generative"]


def test_the_names_are_pollys(polly: Any) -> None:
    assert set(POLLY_VOICES) <= set(polly.meta.service_model.shape_for("VoiceId").enum)
    languages = set(polly.meta.service_model.shape_for("LanguageCode").enum)
    assert {code for code, _ in POLLY_VOICES.values()} <= languages


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Joanna", "flite/slt"),
        ("Matthew", "flite/rms"),
        ("Brian", "flite/awb"),
        ("Amy", "flite/slt"),
        ("Ivy", "flite/slt"),
    ],
)
def test_names_that_applications_have_written_in(polly: Any, name: str, model: str) -> None:
    assert model_of(polly, name) == model


@pytest.mark.parametrize("engine", ["standard", "neural", "long-form", "generative"])
def test_pollys_names_speak_by_any_engine(polly: Any, engine: str) -> None:
    assert model_of(polly, "Kendra", Engine=engine) == "flite/slt"


def test_other_languages_are_spoken(polly: Any) -> None:
    assert model_of(polly, "Vicki") == "espeak/espeak-de"


@pytest.mark.parametrize("voice", ["slt-angry", "Joanna-angry"])
def test_a_voice_in_an_emotion_sounds_as_the_tag_does(polly: Any, voice: str) -> None:
    usual, angry = sound_of(polly, voice.partition("-")[0]), sound_of(polly, voice)
    tagged = '<speak><amazon:emotion name="angry">So you are back again.</amazon:emotion></speak>'
    assert angry != usual
    assert sound_of(polly, voice.partition("-")[0], tagged, TextType="ssml") == angry


def test_filters(polly: Any) -> None:
    german = polly.describe_voices(LanguageCode="de-DE")["Voices"]
    assert {"Vicki", "Hans", "espeak-de"} <= {voice["Id"] for voice in german}
    assert {voice["LanguageCode"] for voice in german} == {"de-DE"}
    neural = polly.describe_voices(Engine="neural", LanguageCode="en-US")["Voices"]
    assert {"Joanna", "Matthew"} <= {voice["Id"] for voice in neural}
    assert "slt" not in {voice["Id"] for voice in neural}
    assert polly.describe_voices(LanguageCode="xx-XX")["Voices"] == []


def test_the_first_page_has_what_people_look_for(polly: Any) -> None:
    english = polly.describe_voices(LanguageCode="en-US")
    assert {"slt", "rms", "Joanna", "slt-angry"} <= {voice["Id"] for voice in english["Voices"]}
    assert "NextToken" not in english


@pytest.mark.parametrize("token", ["nonsense", "%%%", "aaaa"])
def test_a_token_that_no_answer_had(polly: Any, token: str) -> None:
    assert error_of(polly.describe_voices, NextToken=token) == ("InvalidNextTokenException", 400)


def test_an_engine_that_is_none(polly: Any) -> None:
    assert error_of(polly.describe_voices, Engine="steam") == ("ValidationException", 400)
