"""Speech: first sound against the whole, the service against its bare engine, and what styling costs."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Any

import aiohttp
import httpx

from benchmarks.rounds import Ratio, compare
from benchmarks.stack import Addresses, running_timbre
from services.tts.engines.flite import Flite
from services.tts.speech import Speech, SpokenWord, Utterance
from services.tts.styles.emotion import emotion_change
from services.tts.styles.shape import shape

SENTENCES = (
    "The ferry leaves the northern harbour at nine and reaches the island before noon.",
    "Nobody had told the baker that the road through the valley was closed.",
    "She put the letters back into the drawer and locked it with a small brass key.",
    "After the storm the garden was full of branches and broken roof tiles.",
    "The committee will meet again in the second week of the month.",
)
_WORKERS = (1, 2)
_STYLING_SECONDS = 0.15


def measure() -> list[Ratio]:
    """Return all rows."""
    with _flite(2) as timbre, httpx.Client(headers=timbre.headers, timeout=60, trust_env=False) as client:
        rows = first_sound(client, timbre, "slt")
    for workers in _WORKERS:
        with _flite(workers) as timbre:
            rows.append(_service_over_engine(timbre, workers))
    return [*rows, _styling()]


def _flite(workers: int) -> AbstractContextManager[Addresses]:
    return running_timbre({"TIMBRE_TTS_ENGINES": '["flite"]', "TIMBRE_SLOTS": str(workers)})


def first_sound(client: httpx.Client, timbre: Addresses, voice: str) -> list[Ratio]:
    """Return when the first byte of five sentences comes, against other times."""
    five = " ".join(SENTENCES)
    _timed(client, timbre, voice, five)
    return [
        compare(
            "first byte of five sentences / first sentence alone, s",
            lambda: _timed(client, timbre, voice, five)[0],
            lambda: _timed(client, timbre, voice, SENTENCES[0])[1],
            at_most=1.3,
        ),
        compare(
            "first byte of five sentences / the whole, s",
            lambda: _timed(client, timbre, voice, five)[0],
            lambda: _timed(client, timbre, voice, five)[1],
            at_most=0.333,
        ),
    ]


def _timed(client: httpx.Client, timbre: Addresses, voice: str, text: str) -> tuple[float, float]:
    """Return seconds to the first byte of sound, and to the last."""
    began = time.perf_counter()
    order = {"input": text, "voice": voice, "response_format": "pcm"}
    with client.stream("POST", f"{timbre.public}/v1/audio/speech", json=order) as answer:
        answer.raise_for_status()
        chunks = answer.iter_raw()
        next(chunks)
        first_seconds = time.perf_counter() - began
        for _ in chunks:
            pass
    return first_seconds, time.perf_counter() - began


def _service_over_engine(timbre: Addresses, workers: int) -> Ratio:
    """Sentences a second, each a request, against the engine in a loop.

    The same number is worked on in both, and as many again wait, so that no engine does. With as many workers as the
    machine has cores, the service and the load generator take their time from the engines.
    """
    at_once = 2 * workers
    texts = SENTENCES * 8

    async def through_service() -> float:
        address = f"{timbre.direct['tts']}/v1/audio/speech"
        async with aiohttp.ClientSession() as client:  # httpx would cost as much as the service adds

            async def speak(text: str) -> None:
                order = {"input": text, "voice": "slt", "response_format": "pcm", "sample_rate": 16_000}
                async with client.post(address, json=order) as answer:
                    answer.raise_for_status()
                    await answer.read()

            return await _per_second([speak(text) for text in texts], at_once)

    async def at_engine() -> float:
        engine = Flite(slots=workers)
        await engine.start()
        await asyncio.gather(*(engine.speak(_utterance(text)) for text in SENTENCES[:workers]))
        rate = await _per_second([engine.speak(_utterance(text)) for text in texts], at_once)
        await engine.close()
        return rate

    return compare(
        f"TTS service / bare flite, sentences per second, {workers} workers",
        lambda: asyncio.run(through_service()),
        lambda: asyncio.run(at_engine()),
        at_least=0.90,
    )


async def _per_second(work: Sequence[Coroutine[Any, Any, object]], at_once: int) -> float:
    gate = asyncio.Semaphore(at_once)

    async def bounded(one: Coroutine[Any, Any, object]) -> None:
        async with gate:
            await one

    began = time.perf_counter()
    await asyncio.gather(*(bounded(one) for one in work))
    return len(work) / (time.perf_counter() - began)


def _utterance(text: str) -> Utterance:
    """Return what the service asks the engine for: words with the punctuation that makes the pauses."""
    words = [(word.rstrip(".,"), word[len(word.rstrip(".,")) :]) for word in text.split()]
    return Utterance(tuple(SpokenWord(word, after=after) for word, after in words), "slt", "en-us")


def _styling() -> Ratio:
    """CPU seconds that anger costs for each second of sound, against the allowance."""

    async def spoken() -> Speech:
        engine = Flite()
        await engine.start()
        speech = await engine.speak(_utterance(SENTENCES[0]))
        await engine.close()
        return speech

    speech = asyncio.run(spoken())
    changes = [emotion_change("angry")] * len(speech.words)

    def cost() -> float:
        began = time.process_time()
        shape(speech, changes)
        return (time.process_time() - began) / speech.seconds

    return compare("styling: CPU s per s of sound / allowance", cost, lambda: _STYLING_SECONDS, at_most=1.0)
