"""The emotional pipeline as a job: store the text, tag it, speak it in parts, join them; each result is kept."""

import asyncio
from functools import partial
from typing import Any

from gateway.jobs.emotional_speech_input import EmotionalSpeechInput
from gateway.jobs.joining import Form
from gateway.jobs.results import Made, made
from gateway.jobs.running import Running
from gateway.jobs.speaking import Manner, Speaking
from gateway.jobs.tools import Tools
from shared.text.serialise import to_ssml

_SSML = "application/ssml+xml"
_TEXT = {"text": ("text.txt", "text/plain"), "tagged": ("text.txt", "text/plain"), "ssml": ("text.ssml", _SSML)}


class EmotionalSpeech:
    """Does the jobs of kind `emotional-speech`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._speaking = Speaking(tools)

    async def run(self, job: Running, order: EmotionalSpeechInput) -> list[Made]:
        """Return the results: audio, tagged text, text. Raises what a step raised in the end."""
        text = await job.step("store", partial(self._store, job, order))
        tagged = await job.step("tag", partial(self._tag, job, order))
        manner = Manner(
            Form(order.response_format, tagged["sample_rate_hz"]),
            {"voice": tagged["voice"], "speed": order.speed, "lexicons": [*order.lexicons]},
        )
        audio = await self._speaking.spoken(job, manner, tagged["parts"], tagged["made"]["key"])
        return [audio, tagged["made"], text]

    async def _store(self, job: Running, order: EmotionalSpeechInput) -> Made:
        name, media_type = _TEXT[order.text_type]
        return await self._put(job, "text", name, media_type, order.text.encode())

    async def _tag(self, job: Running, order: EmotionalSpeechInput) -> dict[str, Any]:
        """Give each sentence its emotion; a text that carries tags is taken at its word, and the tagger not asked."""
        planner = await self._tools.planner(job)
        planned = await planner.plan_text(order.text, order.text_type, order.voice, tag=order.text_type == "text")
        count = await asyncio.to_thread(self._speaking.divided, job, planned.document)
        ssml = await asyncio.to_thread(to_ssml, planned.document)
        tagged = await self._put(job, "tagged", "tagged.ssml", _SSML, ssml.encode())
        rate_hz = planned.voice.sample_rate_hz
        return {"made": tagged, "parts": count, "voice": planned.voice.id, "sample_rate_hz": rate_hz}

    async def _put(self, job: Running, name: str, file: str, media_type: str, data: bytes) -> Made:
        await asyncio.to_thread(self._tools.objects.put, job.folder + file, data)
        return made(job, name, file, media_type, len(data))
