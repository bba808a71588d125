"""Durable jobs through the public address, with the real engines."""

import time

import httpx
import pytest

from shared.audio import AudioLimits, decode
from tests.e2e.test_pipeline import MIXED

pytestmark = pytest.mark.timeout(300)


def submit(client: httpx.Client, **given: object) -> str:
    answer = client.post("/v1/jobs", json={"kind": "emotional-speech", "input": given})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(client: httpx.Client, job_id: str) -> dict[str, object]:
    answer = client.get(f"/v1/jobs/{job_id}", params={"wait": 60})
    assert answer.status_code == 200, answer.text
    job: dict[str, object] = answer.json()
    return job


def test_a_job_stores_text_tags_and_sound(public: httpx.Client) -> None:
    job = ended(public, submit(public, text=MIXED))
    assert job["state"] == "succeeded", job
    results = {made["name"]: public.get(made["href"]) for made in job["results"]}  # type: ignore[attr-defined]
    assert results["text"].text == MIXED
    assert all(f'style="{emotion}"' in results["tagged"].text for emotion in ("happy", "angry", "sad"))
    assert results["audio"].headers["content-type"] == "audio/mpeg"
    assert 8 < decode(results["audio"].content, AudioLimits()).seconds < 25


def test_tagged_text_comes_back_unchanged(public: httpx.Client) -> None:
    first = ended(public, submit(public, text=MIXED, response_format="wav"))["results"]
    audio, tagged = (public.get(made["href"]) for made in first[:2])  # type: ignore[index]
    again = ended(public, submit(public, text=tagged.text, text_type="ssml", response_format="wav"))["results"]
    audio_again, tagged_again = (public.get(made["href"]) for made in again[:2])  # type: ignore[index]
    assert tagged_again.text == tagged.text
    assert audio_again.content == audio.content


def test_a_job_sounds_as_the_call_does(public: httpx.Client) -> None:
    """Cut into parts and joined again, a text lasts as long as in one go."""
    text = "The ferry leaves the northern harbour at nine. It reaches the island before noon. " * 20
    job = ended(public, submit(public, text=text, response_format="wav"))
    joined = decode(public.get(job["results"][0]["href"]).content, AudioLimits())  # type: ignore[index]
    answer = public.post("/v1/speech/emotional", json={"text": text, "response_format": "wav"})
    assert joined.seconds == pytest.approx(decode(answer.content, AudioLimits()).seconds, rel=0.01)


def test_events_stream_as_they_happen(public: httpx.Client) -> None:
    job_id = submit(public, text="A long way to go. " * 160)
    began = time.monotonic()
    with public.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line.startswith("event:"))
        seen = [(line.removeprefix("event: "), time.monotonic() - began) for line in lines]
    assert seen[-1][0] == "end"
    assert len(seen) > 3
    assert seen[0][1] < seen[-1][1] / 2  # NGINX did not hold them back


def test_the_result_is_as_long_as_it_says(public: httpx.Client) -> None:
    job = ended(public, submit(public, text="It was late, and the harbour slept. " * 80, response_format="opus"))
    assert job["state"] == "succeeded", job
    made = job["results"][0]  # type: ignore[index]
    answer = public.get(made["href"])
    assert int(answer.headers["content-length"]) == made["bytes"] == len(answer.content)
    assert answer.content[:4] == b"OggS"


def test_from_a_recording_to_age_and_gender(public: httpx.Client) -> None:
    """A voice of our own is heard; who has no such file is told so."""
    spoken = {"input": "The ferry leaves the northern harbour at nine.", "voice": "slt", "response_format": "mp3"}
    recording = public.post("/v1/audio/speech", json=spoken).content
    kept = public.post("/v1/files", files={"file": ("me.mp3", recording)}, data={"purpose": "user_data"}).json()
    order = {"kind": "speaker-prediction", "input": {"file": kept["id"]}}
    job = ended(public, str(public.post("/v1/jobs", json=order).json()["id"]))
    assert job["state"] == "succeeded", job
    (made,) = job["results"]
    answer = public.get(made["href"])
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == made["bytes"]
    prediction = answer.json()
    assert prediction["speech_seconds"] > 1
    assert prediction["gender"]["label"] in ("female", "male")
    assert public.post("/v1/audio/speaker", files={"file": ("me.mp3", recording)}).json() == prediction
    assert public.delete(f"/v1/files/{kept['id']}").status_code == 200
    refused = public.post("/v1/jobs", json=order).json()
    assert (refused["status"], refused["param"]) == (404, "input.file")
