"""Long texts in many parts over two replicas of the TTS service: in order, and in bounded memory."""

import io
import re
import wave
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from benchmarks.books import BOOK_CHARACTERS, CHAPTER_CHARACTERS, MOST_GROWTH, SERVICES, Press, running_press, text_of
from benchmarks.stack import FAKE
from gateway.jobs.parts import cut
from shared.text.parse import parse_ssml
from shared.text.serialise import to_ssml

HEADER_BYTES = 44
CHARACTERS = 6_000


def results_of(press: Press, job: dict[str, Any]) -> dict[str, bytes]:
    with press.client() as client:
        return {one["name"]: client.get(one["href"]).raise_for_status().content for one in job["results"]}


def alone(press: Press, results: dict[str, bytes], voice: str, every: int = 1) -> Iterator[bytes]:
    """Yield the samples of each part, or of some, spoken in a call of its own."""
    with wave.open(io.BytesIO(results["audio"])) as reader:
        rate_hz = reader.getframerate()
    with httpx.Client(base_url=press.speech, timeout=60, trust_env=False) as client:
        for part in cut(parse_ssml(results["tagged"].decode()))[::every]:
            body = {"input": to_ssml(part), "text_type": "ssml", "voice": voice}
            answer = client.post("/v1/audio/speech", json=body | {"response_format": "pcm", "sample_rate": rate_hz})
            yield answer.raise_for_status().content


def spoken(replica: str) -> int:
    """Return how many parts this replica was asked for."""
    metrics = httpx.get(f"http://{replica}/metrics", trust_env=False).text
    counts = re.findall(r'^timbre_requests_total{.*route="/v1/audio/speech".*} ([0-9.]+)$', metrics, re.MULTILINE)
    return round(sum(map(float, counts)))


def sound_of(wav: bytes) -> bytes:
    """Return what stands behind the header, which holds a comment too."""
    return wav[wav.index(b"data") + 8 :]


def test_parts_are_spoken_by_all_replicas_and_joined_in_order() -> None:
    with running_press(2, **FAKE) as press:
        job, _ = press.printed(CHARACTERS, "wav")
        counts = [spoken(replica) for replica in press.replicas]
        results = results_of(press, job)
        assert results["text"].decode() == text_of(CHARACTERS)
        assert sound_of(results["audio"]) == b"".join(alone(press, results, "fake"))
    assert sum(counts) > CHARACTERS / 1_000
    assert min(counts) >= sum(counts) / 4


@pytest.mark.heavy
@pytest.mark.timeout(1_800)
def test_a_book_is_spoken_in_order_and_in_bounded_memory() -> None:
    with running_press(2) as press:
        press.printed(CHAPTER_CHARACTERS)
        chapter = {name: press.peak_kilobytes(name) for name in SERVICES}
        job, _ = press.printed(BOOK_CHARACTERS, "wav")
        book = {name: press.peak_kilobytes(name) for name in SERVICES}
        results = results_of(press, job)
        place = HEADER_BYTES
        for part in alone(press, results, "slt", every=15):
            place = results["audio"].index(part, place) + len(part)
    assert place > len(results["audio"]) * 0.9
    for name in SERVICES:
        assert book[name] <= MOST_GROWTH * chapter[name], (name, book[name], chapter[name])
