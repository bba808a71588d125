"""The main job through the public address: text in, speech with the right emotion out."""

import base64
import concurrent.futures
import json
import time

import httpx
import numpy as np
import openai
import pytest
from jiwer import process_words
from pocketsphinx import Decoder

from shared.audio import AudioLimits, Sound, decode
from tests.started import Started, patiently

pytestmark = pytest.mark.timeout(300)

MIXED = (
    "We won the cup, this is wonderful! Then the last train was cancelled. "
    "I am so angry at these idiots. I miss you, and I feel so sad and lonely."
)


def spoken(client: httpx.Client, **members: object) -> Sound:
    answer = client.post("/v1/audio/speech", json={"response_format": "wav", **members})
    assert answer.status_code == 200, answer.text
    return decode(answer.content, AudioLimits())


def plan_of(answer: httpx.Response) -> list[dict[str, object]]:
    header = answer.headers["x-timbre-plan"]
    sentences: list[dict[str, object]] = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))[
        "sentences"
    ]
    return sentences


def heard(sound: Sound) -> str:
    """What pocketsphinx understands."""
    assert sound.sample_rate_hz == 16_000
    decoder = Decoder(loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw((sound.samples * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


class TestEmotionalSpeech:
    def test_each_sentence_has_the_emotion_found_in_it(self, public: httpx.Client) -> None:
        answer = public.post("/v1/speech/emotional", json={"text": MIXED})
        assert answer.status_code == 200, answer.text
        emotions = [sentence["emotion"] for sentence in plan_of(answer)]
        assert emotions == ["happy", "neutral", "angry", "sad"]
        assert answer.headers["content-type"] == "audio/mpeg"
        assert 8 < decode(answer.content, AudioLimits()).seconds < 25

    def test_plan_is_what_is_spoken_and_tags_beat_it(self, public: httpx.Client) -> None:
        text = f"{MIXED} [fearful 0.8]I am hungry.[/fearful]"
        plan = public.post("/v1/speech/plan", json={"text": text, "text_type": "tagged"}).json()["sentences"]
        last = plan[-1]
        assert (last["emotion"], last["intensity"], last["source"]) == ("fearful", 0.8, "manual")
        plan[1]["emotion"] = "surprised"
        back = public.post("/v1/speech/emotional", json={"sentences": plan})
        assert back.status_code == 200, back.text
        assert [one["emotion"] for one in plan_of(back)] == ["happy", "surprised", "angry", "sad", "fearful"]

    def test_first_sound_comes_before_the_last_sentence_is_spoken(self, public: httpx.Client) -> None:
        text = " ".join(f"This is sentence number {number} of a long text." for number in range(40))
        began = time.perf_counter()
        with public.stream("POST", "/v1/speech/emotional", json={"text": text, "response_format": "pcm"}) as answer:
            chunks = answer.iter_raw()
            next(chunks)
            first_seconds = time.perf_counter() - began
            for _ in chunks:
                pass
        assert first_seconds < 0.5 * (time.perf_counter() - began)


class TestSpokenWords:
    SENTENCE = "the meeting was moved to thursday because of the weather"

    @pytest.mark.parametrize("markup", ["[angry]{}[/angry]", "<speak><prosody rate='95%'>{}</prosody></speak>"])
    def test_markup_is_never_spoken(self, public: httpx.Client, markup: str) -> None:
        kind = "ssml" if "<" in markup else "tagged"
        plain = heard(spoken(public, input=self.SENTENCE))
        marked = heard(spoken(public, input=markup.format(self.SENTENCE), text_type=kind))
        assert len(marked.split()) <= len(plain.split()) + 2
        assert not {"angry", "slash", "bracket", "speak", "prosody", "rate", "less"} & set(marked.split())

    def test_what_is_spoken_is_understood(self, public: httpx.Client) -> None:
        errors = process_words(self.SENTENCE, heard(spoken(public, input=self.SENTENCE, voice="rms")))
        assert errors.wer <= 0.4


class TestManyCallers:
    def test_two_hundred_mixed_requests_each_get_their_own(self, public: httpx.Client) -> None:
        lines = [f"Caller number {number} has {number * 37} apples." for number in range(20)]
        alone = [spoken(public, input=line).samples.tobytes() for line in lines]
        assert len(set(alone)) == len(lines)

        def call(number: int) -> bool:
            line = lines[number % len(lines)]
            if number % 2:
                return spoken(public, input=line).samples.tobytes() == alone[number % len(lines)]
            found = public.post("/v1/text/emotions", json={"text": line}).json()["documents"][0]["sentences"]
            return [sentence["text"] for sentence in found] == [line]

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            assert all(pool.map(call, range(200)))

    def test_client_that_leaves_ends_the_synthesis(self, stack: Started, public: httpx.Client) -> None:
        text = " ".join(f"Sentence {number} goes on and on without an end." for number in range(2000))
        with public.stream("POST", "/v1/audio/speech", json={"input": text, "response_format": "pcm"}) as answer:
            assert answer.status_code == 200
            chunks = answer.iter_raw()  # kept: the end of an iterator ends the answer
            next(chunks)
            assert stack.in_progress("services.tts.app") == 1
        for _ in patiently(20):
            if stack.in_progress("services.tts.app") == 0:
                return
        raise AssertionError("the service still speaks to nobody")


class TestHostileInput:
    BOMB = "<speak>" + "<p>" * 5000 + "x" + "</p>" * 5000 + "</speak>"
    ENTITIES = '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><speak>&b;</speak>'

    @pytest.mark.parametrize(
        ("members", "statuses"),
        [
            ({"input": ""}, {400}),
            ({"input": " \n\t "}, {400}),
            ({"input": "a\x00b"}, {400}),
            ({"input": "word " * 200_000}, {200}),
            ({"input": "x" * 1_000_001}, {413}),
            ({"input": "😀"}, {400}),
            ({"input": "Well done 😀!"}, {200}),
            ({"input": "1" * 2_000}, {200}),
            ({"input": BOMB, "text_type": "ssml"}, {400}),
            ({"input": ENTITIES, "text_type": "ssml"}, {400}),
            ({"input": "<speak><audio src='file:///etc/passwd'/></speak>", "text_type": "ssml"}, {400}),
        ],
    )
    def test_speech(self, public: httpx.Client, members: dict[str, object], statuses: set[int]) -> None:
        with public.stream("POST", "/v1/audio/speech", json={"response_format": "mulaw", **members}) as answer:
            assert answer.status_code in statuses
            if answer.status_code != 200:
                answer.read()
                assert answer.json()["error"]["message"]

    @pytest.mark.parametrize(
        ("text", "statuses"),
        [("", {400}), ("a\x00b", {200, 400}), ("😀", {200}), ("1" * 100_000, {200}), ("word " * 200_000, {413})],
    )
    def test_emotions(self, public: httpx.Client, text: str, statuses: set[int]) -> None:
        answer = public.post("/v1/text/emotions", json={"text": text})
        assert answer.status_code in statuses, answer.text[:300]

    @pytest.mark.parametrize(
        "path", ["/v1/audio/speech", "/v1/text/emotions", "/v1/speech/plan", "/v1/speech/emotional"]
    )
    def test_lone_surrogates(self, public: httpx.Client, path: str) -> None:
        body = rb'{"input": "a\ud800", "text": "a\ud800"}'
        answer = public.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400, answer.text


class TestLogs:
    def test_request_id_travels_and_text_does_not(self, stack: Started, public: httpx.Client) -> None:
        secret = "Xylophonia"
        answer = public.post(
            "/v1/speech/emotional",
            json={"text": f"Dear {secret}, I am very happy."},
            headers={"X-Request-Id": "trace-me-1"},
        )
        assert answer.headers["x-request-id"] == "trace-me-1"
        for _ in patiently(10):
            lines = [line for line in stack.output.splitlines() if "trace-me-1" in line]
            services = {json.loads(line[line.index("{") :]).get("service", "nginx") for line in lines}
            if services >= {"gateway", "services.tts", "services.sentiment", "nginx"}:
                break
        else:
            raise AssertionError(f"the id was seen only by {services}")
        assert secret not in stack.output


def test_openai_client_through_nginx(stack: Started, key: str) -> None:
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{stack.port}/v1", api_key=key, max_retries=0)
    sound = client.audio.speech.create(
        model="tts-1", voice="alloy", input="Hello there.", response_format="wav"
    ).content
    assert decode(sound, AudioLimits()).seconds > 0.4
    assert "timbre" in [model.id for model in client.models.list()]
    with pytest.raises(openai.AuthenticationError) as refused:
        client.with_options(api_key="tmb_wrong").models.list()
    assert refused.value.code == "invalid_api_key"
    client.close()
