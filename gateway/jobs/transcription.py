"""Speech to text of one recording as a job: fetched, written down, and written out in the forms that are wanted."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

import orjson

from gateway.files.files import Files
from gateway.jobs.media_format import Format, require_format
from gateway.jobs.results import Made, made
from gateway.jobs.running import Result, Running
from gateway.jobs.tools import Tools
from gateway.jobs.transcription_input import TranscriptionInput
from gateway.media import fetched
from gateway.places import place_at
from gateway.transcripts.amazon import amazon_document
from gateway.transcripts.documents import cues, document
from gateway.transcripts.filtering import filtered
from gateway.transcripts.hearing import Wishes, heard, read
from gateway.transcripts.transcript import Transcript
from shared.subtitles import srt, vtt

_MEDIA, _HEARD = "media", "heard.json"
_JSON = ".json"
_SUBTITLES: dict[str, tuple[str, Callable[..., str]]] = {
    "srt": ("application/x-subrip", srt),
    "vtt": ("text/vtt", vtt),
}


class Transcription:
    """Does the jobs of kind `transcription`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settings = tools.settings
        self._objects = tools.objects
        self._files = Files(tools.objects)

    async def run(self, job: Running, order: TranscriptionInput) -> list[Made]:
        """Return the results, the transcript first. Raises what a step raised in the end."""
        media = await job.step("fetch", partial(self._fetch, job, order))
        await job.step("transcribe", partial(self._transcribe, job, order))
        written = await job.step("write", partial(self._write, job, order, media))
        await job.step("tidy", partial(self._tidy, job))
        return list(written["made"])

    async def _fetch(self, job: Running, order: TranscriptionInput) -> Result:
        """Keep the recording, as an address may tell of it only once; say what it is."""
        content = await self._content(job, order)
        found = await asyncio.to_thread(require_format, content, Format(order.media_format, order.sample_rate_hz))
        await asyncio.to_thread(self._objects.put, job.folder + _MEDIA, content)
        return {"media_format": found.media_format, "sample_rate_hz": found.sample_rate_hz}

    async def _content(self, job: Running, order: TranscriptionInput) -> bytes:
        if order.url:
            return await fetched(order.url, self._settings)
        file_id = order.file or ""
        await asyncio.to_thread(self._files.find, job.caller, file_id)
        key = self._files.content_key(job.caller, file_id)
        return await asyncio.to_thread(self._objects.get, key, limit_bytes=self._settings.max_body_bytes)

    async def _transcribe(self, job: Running, order: TranscriptionInput) -> Result:
        recording = await asyncio.to_thread(self._objects.get, job.folder + _MEDIA)
        wishes = Wishes(**order.model_dump(include=set(Wishes.__annotations__)))
        transcript = await heard(self._tools.stt(job), recording, wishes)
        await asyncio.to_thread(self._objects.put, job.folder + _HEARD, transcript)
        return {}

    async def _write(self, job: Running, order: TranscriptionInput, media: Result) -> Result:
        return {"made": await asyncio.to_thread(lambda: list(self._written(job, order, media)))}

    def _written(self, job: Running, order: TranscriptionInput, media: Result) -> Iterator[Made]:
        transcript = read(self._objects.get(job.folder + _HEARD))
        if order.filter:
            transcript = filtered(transcript, order.filter.words, order.filter.method)
        for name, (media_type, content) in _forms(transcript, order).items():
            ending = _JSON if name == "transcript" else f".{name}"
            about = self._put(job, name, f"transcript{ending}", media_type, content)
            about |= self._put_out(order, ending, content)
            yield about | ({**media, "language": transcript.language} if name == "transcript" else {})

    def _put(self, job: Running, name: str, file: str, media_type: str, content: bytes) -> Made:
        self._objects.put(job.folder + file, content)
        return made(job, name, file, media_type, len(content))

    def _put_out(self, order: TranscriptionInput, ending: str, content: bytes) -> dict[str, str]:
        """Write where the caller wants it; return the address of that, where there is one."""
        if not order.output:
            return {}
        place = place_at(order.output.removesuffix(_JSON) + ending, self._settings, "output_locations")
        place.objects.put(place.key, content)
        return {"address": place.address}

    async def _tidy(self, job: Running) -> Result:
        """Remove what only the way to the results needed."""
        for name in (_MEDIA, _HEARD):
            await asyncio.to_thread(self._objects.delete, job.folder + name)
        return {}


def _forms(transcript: Transcript, order: TranscriptionInput) -> dict[str, tuple[str, bytes]]:
    """Return type and content of all that is wanted, by name."""
    told = amazon_document(transcript, order.amazon) if order.amazon else document(transcript)
    forms = {"transcript": ("application/json", orjson.dumps(told))}
    if order.subtitles:
        for name in order.subtitles.formats:
            media_type, write = _SUBTITLES[name]
            forms[name] = (media_type, write(cues(transcript), order.subtitles.first_number).encode())
    return forms
