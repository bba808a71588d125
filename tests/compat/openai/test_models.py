"""`client.models`, and the two lists that OpenAI has not but programs ask for."""

import httpx
import openai
import pytest
from openai.types import Model

from services.tts.voices import OPENAI_VOICES
from shared.openai_names import SPEECH_MODELS, TRANSCRIPTION_MODELS


def test_the_list(client: openai.OpenAI) -> None:
    page = client.models.list()
    assert page.object == "list"
    assert [model.id for model in page] == ["timbre", "pocketsphinx", "fake"]
    for model in page:
        Model.model_validate(model.to_dict(), strict=True)
        assert client.models.retrieve(model.id) == model


@pytest.mark.parametrize(
    ("names", "meant"), [(SPEECH_MODELS, "timbre"), (TRANSCRIPTION_MODELS, "pocketsphinx")], ids=["speech", "text"]
)
def test_openais_names_tell_what_they_mean(client: openai.OpenAI, names: tuple[str, ...], meant: str) -> None:
    assert {client.models.retrieve(name).id for name in names} == {meant}


@pytest.mark.anyio
async def test_async(async_client: openai.AsyncOpenAI) -> None:
    assert "timbre" in [model.id async for model in async_client.models.list()]


def test_one_that_is_not_there(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-9")
    assert (refused.value.param, refused.value.code) == ("model", "model_not_found")


def test_models_are_not_deleted_by_a_call(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.models.delete("timbre")
    assert (refused.value.status_code, refused.value.code) == (405, "method_not_allowed")


def test_voices(plain: httpx.Client) -> None:
    voices = plain.get("/audio/voices", params={"limit": 100}).json()["voices"]
    assert all(voice["id"] and voice["name"] for voice in voices)
    assert {alias for voice in voices for alias in voice["aliases"]} == set(OPENAI_VOICES)


def test_models_of_sound(plain: httpx.Client) -> None:
    assert plain.get("/audio/models").json() == {"models": [{"id": "timbre", "name": "Timbre"}]}
