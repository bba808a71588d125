"""The emotional pipeline as a job: store the text, tag it, speak it in parts, join them; each result is kept."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http import HTTPMethod
from pathlib import Path
from typing import Any

import orjson

from gateway.jobs.emotional_speech_input import EmotionalSpeechInput
from gateway.jobs.joining import joined, whole
from gateway.jobs.parts import cut
from gateway.jobs.results import Made, made, spoken_by
from gateway.jobs.running import Result, Running
from gateway.jobs.tools import Tools
from shared.audio import AUDIO_FORMATS
from shared.problems import Json, NotFound, Unavailable
from shared.provenance import file_comment, models_in
from shared.text.document import Document
from shared.text.serialise import to_ssml

_PARTS = "parts/"
_SSML = "application/ssml+xml"
_TEXT = {"text": ("text.txt", "text/plain"), "tagged": ("text.txt", "text/plain"), "ssml": ("text.ssml", _SSML)}


class EmotionalSpeech:
    """Does the jobs of kind `emotional-speech`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._objects = tools.objects

    async def run(self, job: Running, order: EmotionalSpeechInput) -> list[Made]:
        """Return the results: audio, tagged text, text. Raises what a step raised in the end."""
        text = await job.step("store", partial(self._store, job, order))
        tagged = await job.step("tag", partial(self._tag, job, order))
        speak = self._spoken_at_once if tagged["parts"] == 1 else self._spoken_in_parts
        return [await speak(job, order, tagged), tagged["made"], text]

    async def _spoken_at_once(self, job: Running, order: EmotionalSpeechInput, tagged: dict[str, Any]) -> Made:
        """Speak a short text, as most are, with no parts to store, to join and to remove."""
        return await job.step("speak", partial(self._speak_all, job, order, tagged))

    async def _spoken_in_parts(self, job: Running, order: EmotionalSpeechInput, tagged: dict[str, Any]) -> Made:
        speak = [partial(self._speak, job, order, tagged, number) for number in range(tagged["parts"])]
        parts = await job.steps("speak", speak, self._tools.settings.parts_at_once)
        models = [model for part in parts for model in part.get("models", ())]  # of an older Timbre's part: not known
        audio = await job.step("join", partial(self._join, job, order, tagged, models))
        await job.step("tidy", partial(self._tidy, job))
        return audio

    async def _store(self, job: Running, order: EmotionalSpeechInput) -> Made:
        name, media_type = _TEXT[order.text_type]
        return await self._put(job, "text", name, media_type, order.text.encode())

    async def _tag(self, job: Running, order: EmotionalSpeechInput) -> dict[str, Any]:
        """Give each sentence its emotion; a text that carries tags is taken at its word, and the tagger not asked."""
        planner = await self._tools.planner(job)
        planned = await planner.plan_text(order.text, order.text_type, order.voice, tag=order.text_type == "text")
        count = await asyncio.to_thread(self._divided, job, planned.document)
        ssml = await asyncio.to_thread(to_ssml, planned.document)
        tagged = await self._put(job, "tagged", "tagged.ssml", _SSML, ssml.encode())
        rate_hz = planned.voice.sample_rate_hz
        return {"made": tagged, "parts": count, "voice": planned.voice.id, "sample_rate_hz": rate_hz}

    def _divided(self, job: Running, document: Document) -> int:
        """Store the parts each by itself, as each is read by itself; return how many they are."""
        parts = cut(document)
        for number, part in enumerate(parts if len(parts) > 1 else ()):
            self._objects.put(job.folder + _text_of(number), to_ssml(part).encode())
        return len(parts)

    async def _speak_all(self, job: Running, order: EmotionalSpeechInput, tagged: dict[str, Any]) -> Made:
        sound, models = await self._sound(job, order, tagged, tagged["made"]["key"])
        file = whole(sound, tagged["sample_rate_hz"], order.response_format, file_comment(models))
        return await asyncio.to_thread(self._kept, job, order.response_format, file, models)

    async def _speak(self, job: Running, order: EmotionalSpeechInput, tagged: dict[str, Any], number: int) -> Made:
        sound, models = await self._sound(job, order, tagged, job.folder + _text_of(number))
        return spoken_by(models, await self._put(job, "part", _sound_of(number), "audio/pcm", sound))

    async def _sound(
        self, job: Running, order: EmotionalSpeechInput, tagged: dict[str, Any], key: str
    ) -> tuple[bytes, list[str]]:
        """Return what is stored under `key`, spoken, as 16-bit samples, and the models that spoke it."""
        with _our_own():
            ssml = await asyncio.to_thread(self._objects.get, key)
        request: Json = {
            "input": ssml.decode(),
            "text_type": "ssml",
            "voice": tagged["voice"],
            "speed": order.speed,
            "lexicons": [*order.lexicons],
            "response_format": "pcm",
            "sample_rate": tagged["sample_rate_hz"],
        }
        path, body = "/v1/audio/speech", orjson.dumps(request)
        async with self._tools.speech(job).opened(HTTPMethod.POST, path, body) as answer:
            return await answer.read(), models_in(answer.headers)

    async def _join(
        self, job: Running, order: EmotionalSpeechInput, tagged: dict[str, Any], models: Sequence[str]
    ) -> Made:
        keys = [job.folder + _sound_of(number) for number in range(tagged["parts"])]
        comment = file_comment(models)
        file = joined(self._objects, keys, tagged["sample_rate_hz"], order.response_format, comment)
        return await asyncio.to_thread(self._kept, job, order.response_format, file, models)

    def _kept(self, job: Running, format_name: str, audio: AbstractContextManager[Path], models: Sequence[str]) -> Made:
        with _our_own(), audio as file:
            size_bytes = file.stat().st_size
            self._objects.put(f"{job.folder}audio.{format_name}", file)
        media_type = AUDIO_FORMATS[format_name].media_type
        return spoken_by(models, made(job, "audio", f"audio.{format_name}", media_type, size_bytes))

    async def _tidy(self, job: Running) -> Result:
        """Remove what only the way to the result needed."""
        await asyncio.to_thread(self._objects.delete_all, f"{job.folder}{_PARTS}")
        return {}

    async def _put(self, job: Running, name: str, file: str, media_type: str, data: bytes) -> Made:
        await asyncio.to_thread(self._objects.put, job.folder + file, data)
        return made(job, name, file, media_type, len(data))


def _text_of(number: int) -> str:
    return f"{_PARTS}{number:05}.ssml"


def _sound_of(number: int) -> str:
    return f"{_PARTS}{number:05}.pcm"


@contextmanager
def _our_own() -> Iterator[None]:
    """Say of what the job itself has stored and now misses that the storage fails, which may pass."""
    try:
        yield
    except NotFound as error:
        raise Unavailable("The storage does not find what it took before.") from error
