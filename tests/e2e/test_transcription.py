"""Speech to text through the public address, with the engine that needs no model: our own speech comes back as text."""

import concurrent.futures
import io
import json
import re
from collections.abc import Iterator

import httpx
import numpy as np
import openai
import pytest
from jiwer import wer
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from shared.audio import AudioLimits, Sound, decode, encode
from tests.started import Started, patiently

pytestmark = pytest.mark.timeout(300)

CALL, LIVE = "/v1/audio/transcriptions", "/v1/audio/transcriptions/live"
SENTENCE = "the meeting was moved to thursday because of the weather"
QUESTION = "where is the railway station"
RATE_HZ = 16_000
MOST_BYTES = 26_214_400


@pytest.fixture(scope="module")
def client(stack: Started, key: str) -> Iterator[openai.OpenAI]:
    """OpenAI's own client, unmodified."""
    with openai.OpenAI(base_url=f"http://127.0.0.1:{stack.port}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def sentence(client: openai.OpenAI) -> Sound:
    return spoken(client, SENTENCE)


def spoken(client: openai.OpenAI, text: str) -> Sound:
    """Speak a text with our own voice."""
    made = client.audio.speech.create(model="tts-1", voice="rms", input=text, response_format="wav")
    return decode(made.content, AudioLimits(), sample_rate_hz=RATE_HZ)


def file_of(sound: Sound, kind: str = "mp3") -> tuple[str, bytes]:
    return f"recording.{kind}", encode(sound, kind)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def errors(said: str, heard: str) -> float:
    """Return the word error rate."""
    return float(wer(said, re.sub(r"[^a-z' ]", "", heard.lower()) or "nothing"))


class TestOpenAIsClient:
    @pytest.mark.parametrize("kind", ["wav", "mp3"])
    def test_what_is_spoken_comes_back(self, client: openai.OpenAI, sentence: Sound, kind: str) -> None:
        heard = client.audio.transcriptions.create(model="whisper-1", file=file_of(sentence, kind))
        assert errors(SENTENCE, heard.text) <= 0.4, heard.text

    def test_words_with_their_times(self, client: openai.OpenAI, sentence: Sound) -> None:
        heard = client.audio.transcriptions.create(
            model="whisper-1",
            file=file_of(sentence),
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )
        assert (heard.language, heard.duration == pytest.approx(sentence.seconds, abs=0.2)) == ("english", True)
        assert heard.segments
        assert heard.words
        assert [word.word for word in heard.words] == heard.text.split()
        times = [time for word in heard.words for time in (word.start, word.end)]
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] <= sentence.seconds + 0.1

    def test_subtitles(self, client: openai.OpenAI, sentence: Sound) -> None:
        told = client.audio.transcriptions.create(model="whisper-1", file=file_of(sentence), response_format="srt")
        number, times, text = str(told).strip().split("\n")[:3]
        assert number == "1"
        assert re.fullmatch(r"00:00:0\d,\d{3} --> 00:00:0\d,\d{3}", times)
        assert errors(SENTENCE, text) <= 0.4

    def test_stream_tells_a_sentence_as_it_ends(self, client: openai.OpenAI, sentence: Sound) -> None:
        pause, question = silence(4.0), spoken(client, QUESTION)
        both = Sound(np.concatenate([sentence.samples, pause, question.samples]), RATE_HZ)
        whole = client.audio.transcriptions.create(model="whisper-1", file=file_of(both, "wav")).text
        events = list(client.audio.transcriptions.create(model="whisper-1", file=file_of(both, "wav"), stream=True))
        deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
        assert len(deltas) >= 2
        assert events[-1].type == "transcript.text.done"
        assert "".join(deltas).strip() == events[-1].text == whole
        assert errors(f"{SENTENCE} {QUESTION}", whole) <= 0.4

    def test_the_model_is_listed(self, client: openai.OpenAI) -> None:
        (listed,) = [model for model in client.models.list() if model.to_dict()["task"] == "speech-to-text"]
        assert (listed.id, listed.to_dict()["languages"]) == ("pocketsphinx", ["en"])
        assert client.models.retrieve("pocketsphinx") == listed

    @pytest.mark.parametrize("wrong", [{"model": "no-such-model"}, {"language": "de"}, {"response_format": "midi"}])
    def test_what_is_wrong_is_told_in_openais_words(
        self, client: openai.OpenAI, sentence: Sound, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            client.audio.transcriptions.create(**{"model": "whisper-1", "file": file_of(sentence), **wrong})  # type: ignore[call-overload]
        assert refused.value.status_code in {400, 404}
        assert (refused.value.type, refused.value.param) == ("invalid_request_error", *wrong)

    def test_this_engine_does_not_translate(self, client: openai.OpenAI, sentence: Sound) -> None:
        deprecated = pytest.warns(DeprecationWarning, match="deprecated")  # by OpenAI
        with deprecated, pytest.raises(openai.BadRequestError, match="cannot translate"):
            client.audio.translations.create(model="whisper-1", file=file_of(sentence))


def test_a_caller_who_leaves_ends_the_work(stack: Started, client: openai.OpenAI, sentence: Sound) -> None:
    talk = np.tile(np.concatenate([sentence.samples, silence(3.0)]), 150)  # minutes of work
    file = file_of(Sound(talk, RATE_HZ), "flac")
    with client.audio.transcriptions.create(model="whisper-1", file=file, stream=True) as stream:
        assert next(stream).type == "transcript.text.delta"
        assert stack.in_progress("services.stt.app") == 1
    for _ in patiently(60):
        if stack.in_progress("services.stt.app") == 0:
            return
    raise AssertionError("the service still listens for nobody")


class TestNothingIsSaid:
    @pytest.mark.parametrize("level", [0.0, 0.001, 0.1])
    def test_noise_and_silence_are_no_words(self, client: openai.OpenAI, level: float) -> None:
        noise = level * np.random.default_rng(1).standard_normal(4 * RATE_HZ)
        file = file_of(Sound(noise.astype(np.float32), RATE_HZ), "wav")
        assert client.audio.transcriptions.create(model="whisper-1", file=file).text == ""
        events = list(client.audio.transcriptions.create(model="whisper-1", file=file, stream=True))
        assert [(event.type, event.text) for event in events] == [("transcript.text.done", "")]  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def largest() -> bytes:
    """Four and a half minutes of silence, as large as a file may be."""
    head_bytes, sample_bytes = 44, 2
    samples = np.zeros((MOST_BYTES - head_bytes) // sample_bytes, np.float32)
    file = encode(Sound(samples, 48_000), "wav")
    assert len(file) == MOST_BYTES
    return file


class TestLimits:
    def test_the_largest_file_is_taken(self, client: openai.OpenAI, largest: bytes) -> None:
        assert client.audio.transcriptions.create(model="whisper-1", file=("silence.wav", largest)).text == ""

    @pytest.mark.parametrize("more_bytes", [1, 2_000_000])
    def test_a_larger_one_is_not(self, client: openai.OpenAI, largest: bytes, more_bytes: int) -> None:
        """A little more is refused by the service, much more by NGINX."""
        with pytest.raises(openai.APIStatusError) as refused:
            client.audio.transcriptions.create(model="whisper-1", file=("silence.wav", largest + bytes(more_bytes)))
        assert (refused.value.status_code, refused.value.code) == (413, "too_large")

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no"}])
    def test_needs_a_key(self, stack: Started, sentence: Sound, headers: dict[str, str]) -> None:
        address = f"http://127.0.0.1:{stack.port}{CALL}"
        answer = httpx.post(address, headers=headers, files={"file": file_of(sentence)}, trust_env=False)
        error = answer.json()["error"]
        assert answer.status_code == 401
        assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "invalid_api_key", None)
        assert error["message"]

    def test_callers_at_once_get_their_own(self, client: openai.OpenAI, sentence: Sound) -> None:
        files = [file_of(sentence, "wav"), file_of(spoken(client, QUESTION), "wav")] * 3

        def text_of(file: tuple[str, bytes]) -> str:
            return client.audio.transcriptions.create(model="whisper-1", file=file).text

        alone = [text_of(file) for file in files[:2]]
        assert alone[0] != alone[1]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            assert list(pool.map(text_of, files)) == alone * 3


class TestLive:
    @pytest.fixture
    def live(self, stack: Started, key: str) -> Iterator[ClientConnection]:
        """A websocket that has said that it is ready."""
        address = f"ws://127.0.0.1:{stack.port}{LIVE}?sample_rate_hz={RATE_HZ}"
        with connect(address, additional_headers={"Authorization": f"Bearer {key}"}, proxy=None) as client:
            assert json.loads(client.recv(60))["type"] == "ready"
            yield client

    def test_text_comes_while_more_is_said(self, live: ClientConnection, sentence: Sound) -> None:
        self.send(live, np.concatenate([sentence.samples, silence(4.0)]))
        while (told := json.loads(live.recv(60)))["type"] == "partial":
            pass
        assert told["type"] == "final"  # before the end was said
        assert 0 <= told["start_seconds"] < told["end_seconds"] <= sentence.seconds + 1
        live.send('{"type": "finish"}')
        texts = [told["text"]]
        while (told := json.loads(live.recv(60)))["type"] != "end":
            texts += [told["text"]] if told["type"] == "final" else []
        assert errors(SENTENCE, " ".join(texts)) <= 0.5
        assert told["duration_seconds"] == pytest.approx(sentence.seconds + 4, abs=0.1)

    def test_silence_is_no_text(self, live: ClientConnection) -> None:
        self.send(live, silence(5.0))
        live.send('{"type": "finish"}')
        assert json.loads(live.recv(60))["type"] == "end"

    def send(self, live: ClientConnection, samples: np.ndarray) -> None:
        pcm = io.BytesIO((samples * 32767).astype("<i2").tobytes())
        while piece := pcm.read(RATE_HZ // 5):
            live.send(piece)

    @pytest.mark.parametrize("key", ["no", ""])
    def test_needs_a_key(self, stack: Started, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with (
            pytest.raises(InvalidStatus) as refused,
            connect(f"ws://127.0.0.1:{stack.port}{LIVE}", additional_headers=headers, proxy=None),
        ):
            pass
        assert refused.value.response.status_code == 401
        assert json.loads(refused.value.response.body)["error"]["code"] == "invalid_api_key"
