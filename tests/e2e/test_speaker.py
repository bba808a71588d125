"""A recording through the public address."""

import httpx

from shared.audio import encode
from tests.sounds import buzz


class TestSpeaker:
    def test_what_was_spoken_here_is_judged(self, public: httpx.Client) -> None:
        for voice, gender in (("slt", "female"), ("rms", "male")):
            order = {"input": "The bridge is open again, and the ferry is not missed.", "voice": voice}
            recording = public.post("/v1/audio/speech", json=order).content
            answer = public.post("/v1/audio/speaker", files={"file": recording})
            assert answer.status_code == 200, answer.text
            assert answer.json()["gender"]["label"] == gender

    def test_largest_file(self, public: httpx.Client) -> None:
        head = encode(buzz(120, 2), "wav")
        largest = public.post("/v1/audio/speaker", files={"file": head + bytes(26_214_400 - len(head))})
        over = public.post("/v1/audio/speaker", files={"file": head + bytes(26_214_401 - len(head))})
        assert largest.status_code == 200, largest.text
        assert (over.status_code, over.json()["limit"]) == (413, 26_214_400)

    def test_needs_a_key(self, public: httpx.Client) -> None:
        answer = public.post(
            "/v1/audio/speaker", files={"file": bytes(10_000_000)}, headers={"Authorization": "Bearer no"}
        )
        assert answer.status_code == 401
