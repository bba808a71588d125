"""Spoken commands through the public address; the engine takes a tone for each word, so no model is needed."""

import json
import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from services.keywords.engines.fake import TONES_HZ
from shared.audio import Samples, Sound, encode
from tests.started import Started

RATE_HZ = 16_000
CALL, LISTEN = "/v1/audio/keywords", "/v1/audio/keywords/listen"


def said(*words: str) -> Sound:
    """Return a second for each word, "" for silence: half a second of its tone, in the middle."""
    seconds = np.arange(RATE_HZ) / RATE_HZ
    spoken = (seconds >= 0.25) & (seconds < 0.75)
    tones = [0.3 * np.sin(2 * np.pi * TONES_HZ[word] * seconds) * spoken if word else 0 * seconds for word in words]
    return Sound(np.concatenate(tones).astype(np.float32), RATE_HZ)


def pcm(samples: Samples) -> bytes:
    return (samples * 32767).astype("<i2").tobytes()


class TestRecordings:
    @pytest.mark.parametrize("kind", ["wav", "mp3"])
    def test_a_word_in_any_kind_of_file(self, public: httpx.Client, kind: str) -> None:
        answer = public.post(CALL, files={"file": encode(said("stop"), kind)})
        assert answer.status_code == 200, answer.text
        heard = answer.json()
        assert (heard["keyword"], len(heard["top"])) == ("stop", 5)
        assert heard["model"].startswith("keywords/")
        assert [match["keyword"] for match in heard["matches"]] == ["stop"]

    def test_a_long_recording_is_scanned(self, public: httpx.Client) -> None:
        recording = encode(said("", "yes", "", "no", "", "yes"), "flac")
        answer = public.post(CALL, files={"file": recording}, data={"keywords": "yes,up"}).json()
        assert [match["keyword"] for match in answer["matches"]] == ["yes", "yes"]
        assert [round(match["start_seconds"]) for match in answer["matches"]] == [1, 5]

    def test_silence_is_none_of_the_words(self, public: httpx.Client) -> None:
        answer = public.post(CALL, files={"file": encode(said(""), "wav")}).json()
        assert (answer["keyword"], answer["matches"]) == ("silence", [])

    def test_largest_file(self, public: httpx.Client) -> None:
        head = encode(said("go"), "wav")
        wrong = public.post(CALL, files={"file": head}, data={"keywords": "banana"})
        over = public.post(CALL, files={"file": head + bytes(26_214_401 - len(head))})
        assert (wrong.status_code, wrong.json()["type"]) == (400, "urn:timbre:problem:invalid-input")
        assert (over.status_code, over.json()["limit"]) == (413, 26_214_400)

    def test_needs_a_key(self, public: httpx.Client) -> None:
        answer = public.post(CALL, files={"file": bytes(2_000_000)}, headers={"Authorization": "Bearer no"})
        assert answer.status_code == 401

    def test_the_model_is_listed(self, public: httpx.Client) -> None:
        tasks = {model["id"]: model["task"] for model in public.get("/v1/models").json()["data"]}
        assert tasks["keywords"] == "spoken-keyword"


class TestListening:
    @pytest.fixture
    def listening(self, stack: Started, key: str) -> Iterator[ClientConnection]:
        """A websocket that has said that it is ready."""
        address = f"ws://127.0.0.1:{stack.port}{LISTEN}?sample_rate_hz={RATE_HZ}"
        with connect(address, additional_headers={"Authorization": f"Bearer {key}"}, proxy=None) as client:
            assert json.loads(client.recv(30))["type"] == "ready"
            yield client

    def test_words_come_while_more_is_said(self, listening: ClientConnection) -> None:
        sound = said("", "left", "", "", "off", "", "").samples
        for start in range(0, 4 * RATE_HZ, RATE_HZ // 10):
            listening.send(pcm(sound[start : start + RATE_HZ // 10]))
        first = json.loads(listening.recv(30))
        assert (first["type"], first["keyword"], round(first["start_seconds"])) == ("keyword", "left", 1)
        listening.send(pcm(sound[4 * RATE_HZ :]))
        listening.send('{"type": "finish"}')
        second, end = json.loads(listening.recv(30)), json.loads(listening.recv(30))
        assert (second["keyword"], round(second["start_seconds"])) == ("off", 4)
        assert (end["type"], end["matches"], end["duration_seconds"]) == ("end", 2, 7.0)

    def test_what_is_no_sound_is_a_problem(self, listening: ClientConnection) -> None:
        listening.send("hello")
        told = json.loads(listening.recv(30))
        assert (told["type"], told["problem"]["status"]) == ("problem", 400)

    @pytest.mark.parametrize("key", ["no", ""])
    def test_needs_a_key(self, stack: Started, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with (
            pytest.raises(InvalidStatus) as refused,
            connect(f"ws://127.0.0.1:{stack.port}{LISTEN}", additional_headers=headers, proxy=None),
        ):
            pass
        assert refused.value.response.status_code == 401
        assert json.loads(refused.value.response.body)["type"] == "urn:timbre:problem:unauthorized"

    @pytest.mark.heavy
    def test_long_silence_is_listened_to(self, listening: ClientConnection) -> None:
        """Longer than NGINX waits for a service that says nothing, were it not for its pings."""
        end = time.monotonic() + 90
        while time.monotonic() < end:
            listening.send(bytes(2 * RATE_HZ))
            time.sleep(1)
        listening.send('{"type": "finish"}')
        assert json.loads(listening.recv(30))["type"] == "end"
