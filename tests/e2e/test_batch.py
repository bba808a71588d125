"""A folder of recordings, written down by a job that came through the public address."""

import httpx

from tests.jobs.transcribe.buckets import BROKEN, Recorded
from tests.started import Started

SENTENCE = "The bridge is open again, and the ferry is not missed."


def test_a_folder_is_written_down(public: httpx.Client, stack: Started) -> None:
    recorded = Recorded(str(stack.folder / "recordings" / "calls"))
    spoken = public.post("/v1/audio/speech", json={"input": SENTENCE, "voice": "slt", "response_format": "wav"})
    recorded.objects.put("input/spoken.wav", spoken.content)
    recorded.add("broken.wav", BROKEN, None)
    order = {"kind": "batch-transcription", "input": {"url": recorded.location, "children": 2}}
    job = public.post("/v1/jobs", json=order).json()
    while (job := public.get(f"/v1/jobs/{job['id']}", params={"wait": 50}).json())["state"] in ("queued", "running"):
        pass
    assert job["state"] == "succeeded", job
    made = public.get(job["results"][0]["href"]).json()
    assert made == {"recordings": 2, "done": 1, "failed": 1, "left": 0, "gone": 0, "refused": 0}
    told = public.post("/v1/audio/transcriptions", files={"file": spoken.content}).json()["text"]
    assert recorded.transcript("spoken.wav")["text"] == told


def test_a_folder_beside_it_is_not(public: httpx.Client, stack: Started) -> None:
    order = {"kind": "batch-transcription", "input": {"url": f"{stack.folder}/recordings-of-others"}}
    answer = public.post("/v1/jobs", json=order)
    assert (answer.status_code, answer.json()["param"]) == (403, "input.url")
