"""Speech as a job: read the text, speak it in parts or tell its marks, and put the result where it is wanted."""

import asyncio
import tempfile
from functools import partial

from gateway.jobs.joining import Form
from gateway.jobs.results import Made, made, spoken_by
from gateway.jobs.running import Result, Running
from gateway.jobs.speaking import Manner, Speaking
from gateway.jobs.speech_synthesis_input import JOB_ID, SpeechSynthesisInput
from gateway.jobs.tools import Tools
from gateway.places import place_at
from gateway.stored import our_own
from shared.audio import AUDIO_FORMATS
from shared.problems import Json, TooLarge
from shared.text.document import Document
from shared.text.limits import Limits
from shared.text.parse import parse_text
from shared.text.serialise import to_ssml

_WISHES = {"voice", "emotion", "language", "lexicons"}
_MARKS, _MARKS_MEDIA_TYPE = "json", "application/x-json-stream"
_WHOLE = "text.ssml"


class SpeechSynthesis:
    """Does the jobs of kind `speech-synthesis`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._objects = tools.objects
        self._speaking = Speaking(tools)

    async def run(self, job: Running, order: SpeechSynthesisInput) -> list[Made]:
        """Return the one result, audio or marks. Raises what a step raised in the end."""
        make = self._marks if order.response_format == _MARKS else self._sound
        result = await make(job, order)
        if order.output:
            await job.step("deliver", partial(self._deliver, job, order.output, result["key"]))
        return [result]

    async def _marks(self, job: Running, order: SpeechSynthesisInput) -> Made:
        return await job.step("speak", partial(self._tell_marks, job, order))

    async def _sound(self, job: Running, order: SpeechSynthesisInput) -> Made:
        read = await job.step("read", partial(self._read, job, order))
        own_hz = AUDIO_FORMATS[order.response_format].default_rate_hz or read["sample_rate_hz"]
        rate_hz = order.sample_rate or own_hz
        manner = Manner(Form(order.response_format, rate_hz, rate_hz), _wishes(order))
        return await self._speaking.spoken(job, manner, read["parts"], job.folder + _WHOLE)

    async def _read(self, job: Running, order: SpeechSynthesisInput) -> Result:
        """Store the text as SSML, in the parts that it is spoken in."""
        most = self._tools.settings.max_characters
        if len(order.text) > most:
            raise TooLarge(f"The text has more than {most} characters.", param="input.text", limit=most)
        voice = (await self._tools.planner(job)).voices.find(order.voice)
        document = await asyncio.to_thread(self._document, order, order.language or voice.language)
        parts = await asyncio.to_thread(self._speaking.divided, job, document)
        if parts == 1:
            ssml = await asyncio.to_thread(to_ssml, document)
            await asyncio.to_thread(self._objects.put, job.folder + _WHOLE, ssml.encode())
        return {"parts": parts, "sample_rate_hz": voice.sample_rate_hz}

    def _document(self, order: SpeechSynthesisInput, language: str) -> Document:
        limits = Limits(input_bytes=4 * self._tools.settings.max_characters)
        return parse_text(order.text, order.text_type, limits, language)

    async def _tell_marks(self, job: Running, order: SpeechSynthesisInput) -> Made:
        """Ask for all marks at once: they tell places in the text as it came."""
        body: dict[str, Json] = {
            **_wishes(order),
            "input": order.text,
            "text_type": order.text_type,
            "response_format": _MARKS,
            "speech_marks": [*order.speech_marks],
        }
        marks, models = await self._speaking.asked(job, body)
        await asyncio.to_thread(self._objects.put, f"{job.folder}marks.json", marks)
        return spoken_by(models, made(job, "marks", "marks.json", _MARKS_MEDIA_TYPE, len(marks)))

    async def _deliver(self, job: Running, output: str, key: str) -> Result:
        await asyncio.to_thread(self._copy, key, output.replace(JOB_ID, job.id))
        return {}

    def _copy(self, key: str, location: str) -> None:
        place = place_at(location, self._tools.settings, "output_locations")
        with tempfile.TemporaryFile() as file:
            with our_own(), self._objects.open(key) as chunks:
                for chunk in chunks:
                    file.write(chunk)
            place.objects.put(place.key, file)


def _wishes(order: SpeechSynthesisInput) -> dict[str, Json]:
    """Return how the text is to be spoken, as the TTS service is told of it."""
    return order.model_dump(include=_WISHES, exclude_none=True)
