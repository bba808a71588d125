"""OpenAI's own client, unmodified, against the service behind a socket, with real speech and a real engine."""

import io
import wave
from collections.abc import Iterator

import openai
import pytest
from pocketsphinx import Decoder

from services.stt.app import create_app
from services.stt.settings import SttSettings
from shared.audio import encode
from tests.serving import served
from tests.sounds import silence, spoken

SPEECH = spoken("slt", "The old house was quiet.")
WAV = ("house.wav", encode(SPEECH, "wav"))


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with (
        served(create_app(SttSettings(stt_further_models="fake"))) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="tmb_x", max_retries=0) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def text() -> str:
    """What the bare decoder hears in the same file."""
    decoder = Decoder(loglevel="FATAL")
    decoder.start_utt()
    with wave.open(io.BytesIO(WAV[1])) as file:
        decoder.process_raw(file.readframes(file.getnframes()), full_utt=True)
    decoder.end_utt()
    return str(decoder.hyp().hypstr)


def test_json_is_the_bare_engines_text(client: openai.OpenAI, text: str) -> None:
    answer = client.audio.transcriptions.create(model="whisper-1", file=WAV, temperature=0.2, prompt="An old")
    assert answer.text == text
    assert "old house" in answer.text
    assert answer.usage is not None
    assert (answer.usage.type, answer.usage.seconds) == ("duration", pytest.approx(SPEECH.seconds, abs=1e-3))


def test_verbose_json(client: openai.OpenAI, text: str) -> None:
    answer = client.audio.transcriptions.create(
        model="whisper-1",
        file=WAV,
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="en",
    )
    assert (answer.language, answer.text) == ("english", text)
    assert answer.segments is not None
    assert answer.words is not None
    assert " ".join(word.word for word in answer.words) == text
    assert answer.segments[0].start < answer.segments[0].end <= answer.duration


def test_subtitles_and_text_are_strings(client: openai.OpenAI, text: str) -> None:
    for response_format, beginning in (("text", text), ("srt", "1\n00:00:00,"), ("vtt", "WEBVTT\n\n00:00:00.")):
        answer = client.audio.transcriptions.create(model="whisper-1", file=WAV, response_format=response_format)
        assert isinstance(answer, str)
        assert answer.startswith(beginning)


def test_a_stream(client: openai.OpenAI, text: str) -> None:
    stream = client.audio.transcriptions.create(
        model="gpt-4o-mini-transcribe", file=WAV, stream=True, include=["logprobs"], chunking_strategy="auto"
    )
    with stream:
        *parts, done = list(stream)
    assert "".join(part.delta for part in parts if part.type == "transcript.text.delta") == text
    assert done.type == "transcript.text.done"
    assert (done.text, len(done.logprobs or [])) == (text, len(text.split()))


# The client calls its own call deprecated, as OpenAI will end the only model behind it.
@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_translations(client: openai.OpenAI) -> None:
    answer = client.audio.translations.create(model="fake", file=WAV)
    assert answer.text
    assert answer.text.isupper()
    verbose = client.audio.translations.create(model="fake", file=WAV, response_format="verbose_json")
    assert (verbose.language, verbose.text) == ("english", answer.text)


def test_nothing_is_said(client: openai.OpenAI) -> None:
    quiet = ("quiet.wav", encode(silence(3.0), "wav"))
    answer = client.audio.transcriptions.create(model="whisper-1", file=quiet, response_format="verbose_json")
    assert (answer.text, answer.segments, answer.duration) == ("", [], 3.0)


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_errors_are_the_clients_own_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as no_translation:
        client.audio.translations.create(model="whisper-1", file=WAV)
    with pytest.raises(openai.BadRequestError) as language:
        client.audio.transcriptions.create(model="whisper-1", file=WAV, language="de")
    with pytest.raises(openai.BadRequestError) as keywords:
        client.audio.transcriptions.create(model="whisper-1", file=WAV, keywords=["house"])
    with pytest.raises(openai.NotFoundError) as model:
        client.audio.transcriptions.create(model="whisper-9", file=WAV)
    with pytest.raises(openai.APIStatusError) as sound:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"Dear Sir or Madam"))
    found = [(error.value.param, error.value.code) for error in (no_translation, language, keywords, model)]
    assert found == [
        ("model", "invalid_input"),
        ("language", "unsupported_language"),
        ("keywords", "invalid_input"),
        ("model", "model_not_found"),
    ]
    assert sound.value.status_code == 415


def test_a_problem_on_the_way_is_raised_by_the_stream() -> None:
    settings = SttSettings(stt_engine="fake", max_recording_seconds=30.0)
    with (
        served(create_app(settings)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="tmb_x", max_retries=0) as client,
    ):
        recording = ("long.flac", encode(silence(60.0), "flac"))
        stream = client.audio.transcriptions.create(model="whisper-1", file=recording, stream=True)
        with stream, pytest.raises(openai.APIError, match="30 seconds"):
            list(stream)
