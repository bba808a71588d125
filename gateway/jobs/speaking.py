"""A document spoken for a job: in parts that are each kept, or at once where it is short, and made into one file."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPMethod
from pathlib import Path

import orjson

from gateway.jobs.joining import Form, joined, whole
from gateway.jobs.parts import cut
from gateway.jobs.results import Made, made, spoken_by
from gateway.jobs.running import Result, Running
from gateway.jobs.tools import Tools
from gateway.stored import our_own
from shared.audio import AUDIO_FORMATS
from shared.problems import Json
from shared.provenance import file_comment, models_in
from shared.text.document import Document
from shared.text.serialise import to_ssml

_PARTS = "parts/"


@dataclass(frozen=True, slots=True)
class Manner:
    """In what way a document is spoken, and what file is made of it."""

    form: Form
    wishes: Mapping[str, Json] = field(default_factory=dict)
    """Members of the TTS service's call: voice, speed, lexicons, ..."""


class Speaking:
    """Speaks documents."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._objects = tools.objects

    def divided(self, job: Running, document: Document) -> int:
        """Store the parts each by itself, as each is read by itself; return how many they are. Blocks."""
        parts = cut(document)
        for number, part in enumerate(parts if len(parts) > 1 else ()):
            self._objects.put(job.folder + _text_of(number), to_ssml(part).encode())
        return len(parts)

    async def spoken(self, job: Running, manner: Manner, parts: int, whole_key: str) -> Made:
        """Return the sound of a document that is in so many parts; where it is one, it is stored under `whole_key`."""
        if parts == 1:  # as most are: no parts to store, to join and to remove
            return await job.step("speak", partial(self._speak_all, job, manner, whole_key))
        speak = [partial(self._speak, job, manner, number) for number in range(parts)]
        made_parts = await job.steps("speak", speak, self._tools.settings.parts_at_once)
        models = [model for part in made_parts for model in part.get("models", ())]  # an older Timbre's tells none
        audio = await job.step("join", partial(self._join, job, manner, parts, models))
        await job.step("tidy", partial(self._tidy, job))
        return audio

    async def asked(self, job: Running, request: Json) -> tuple[bytes, list[str]]:
        """Return what the TTS service answers, whole, and the models that spoke. Raises as `Service.opened` does."""
        path, body = "/v1/audio/speech", orjson.dumps(request)
        async with self._tools.speech(job).opened(HTTPMethod.POST, path, body) as answer:
            return await answer.read(), models_in(answer.headers)

    async def _speak_all(self, job: Running, manner: Manner, key: str) -> Made:
        sound, models = await self._sound(job, manner, key)
        file = whole(sound, manner.form, file_comment(models))
        return await asyncio.to_thread(self._kept, job, manner, file, models)

    async def _speak(self, job: Running, manner: Manner, number: int) -> Made:
        sound, models = await self._sound(job, manner, job.folder + _text_of(number))
        file = _sound_of(number)
        await asyncio.to_thread(self._objects.put, job.folder + file, sound)
        return spoken_by(models, made(job, "part", file, "audio/pcm", len(sound)))

    async def _sound(self, job: Running, manner: Manner, key: str) -> tuple[bytes, list[str]]:
        """Return what is stored under `key`, spoken, as 16-bit samples, and the models that spoke it."""
        with our_own():
            ssml = await asyncio.to_thread(self._objects.get, key)
        request: dict[str, Json] = {
            **manner.wishes,
            "input": ssml.decode(),
            "text_type": "ssml",
            "response_format": "pcm",
            "sample_rate": manner.form.sample_rate_in_hz,
        }
        return await self.asked(job, request)

    async def _join(self, job: Running, manner: Manner, parts: int, models: Sequence[str]) -> Made:
        keys = [job.folder + _sound_of(number) for number in range(parts)]
        file = joined(self._objects, keys, manner.form, file_comment(models))
        return await asyncio.to_thread(self._kept, job, manner, file, models)

    def _kept(self, job: Running, manner: Manner, audio: AbstractContextManager[Path], models: Sequence[str]) -> Made:
        format_name = manner.form.format_name
        name, media_type = f"audio.{format_name}", AUDIO_FORMATS[format_name].media_type
        with our_own(), audio as file:
            size_bytes = file.stat().st_size
            self._objects.put(job.folder + name, file)
        return spoken_by(models, made(job, "audio", name, media_type, size_bytes))

    async def _tidy(self, job: Running) -> Result:
        """Remove what only the way to the result needed."""
        await asyncio.to_thread(self._objects.delete_all, f"{job.folder}{_PARTS}")
        return {}


def _text_of(number: int) -> str:
    return f"{_PARTS}{number:05}.ssml"


def _sound_of(number: int) -> str:
    return f"{_PARTS}{number:05}.pcm"
