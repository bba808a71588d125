"""Speech to text of one recording as a job: fetched, written down, and written out in the forms that are wanted."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

import orjson

from gateway.files.files import Files
from gateway.jobs.media_format import Format, require_format
from gateway.jobs.recording_pieces import Piece, pieces
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
from gateway.transcripts.joining import joined
from gateway.transcripts.transcript import Transcript
from shared.subtitles import srt, vtt

_MEDIA, _HEARD = "media/", "heard/"
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
        language = order.language
        for number in range(media["parts"]):
            said = await job.step("transcribe", partial(self._transcribe, job, order, number, language))
            language = language or said["language"]
        written = await job.step("write", partial(self._write, job, order, media))
        await job.step("tidy", partial(self._tidy, job))
        return list(written["made"])

    async def _fetch(self, job: Running, order: TranscriptionInput) -> Result:
        """Keep the recording, as an address may tell of it only once; say what it is, and where its pieces begin."""
        content = await self._content(job, order)
        found = await asyncio.to_thread(require_format, content, Format(order.media_format, order.sample_rate_hz))
        starts = await asyncio.to_thread(self._kept, job, content)
        return {**found._asdict(), "parts": len(starts), "starts": starts}

    async def _content(self, job: Running, order: TranscriptionInput) -> bytes:
        if order.url:
            return await fetched(order.url, self._settings, self._settings.media_bytes)
        file_id = order.file or ""
        await asyncio.to_thread(self._files.find, job.caller, file_id)
        key = self._files.content_key(job.caller, file_id)
        return await asyncio.to_thread(self._objects.get, key, limit_bytes=self._settings.media_bytes)

    def _kept(self, job: Running, content: bytes) -> list[float]:
        """Store a recording as it is, or else in pieces that the service takes."""
        is_small = len(content) <= self._settings.max_body_bytes
        starts = []
        for number, piece in enumerate([Piece(0.0, content)] if is_small else pieces(content)):
            self._objects.put(_key(job, _MEDIA, number), piece.content)
            starts.append(piece.start_seconds)
        return starts

    async def _transcribe(self, job: Running, order: TranscriptionInput, number: int, language: str | None) -> Result:
        """Write a piece down, in the language of those before it, where that was found out."""
        recording = await asyncio.to_thread(self._objects.get, _key(job, _MEDIA, number))
        wishes = Wishes(**order.model_dump(include=set(Wishes.__annotations__)) | {"language": language})
        transcript = await heard(self._tools.stt(job), recording, wishes)
        await asyncio.to_thread(self._objects.put, _key(job, _HEARD, number), transcript)
        return {"language": read(transcript).language}

    async def _write(self, job: Running, order: TranscriptionInput, media: Result) -> Result:
        return {"made": await asyncio.to_thread(lambda: list(self._written(job, order, media)))}

    def _written(self, job: Running, order: TranscriptionInput, media: Result) -> Iterator[Made]:
        heard_pieces = (read(self._objects.get(_key(job, _HEARD, number))) for number in range(media["parts"]))
        transcript = joined(list(zip(media["starts"], heard_pieces, strict=True)))
        if order.filter:
            transcript = filtered(transcript, order.filter.words, order.filter.method)
        for name, (media_type, content) in _forms(transcript, order).items():
            ending = _JSON if name == "transcript" else f".{name}"
            about = self._put(job, name, f"transcript{ending}", media_type, content)
            about |= self._put_out(order, ending, content)
            yield about | ({**_told(media), "language": transcript.language} if name == "transcript" else {})

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
            await asyncio.to_thread(self._objects.delete_all, job.folder + name)
        return {}


def _key(job: Running, folder: str, number: int) -> str:
    return f"{job.folder}{folder}{number:05}"


def _told(media: Result) -> Result:
    """Return what is told of the recording beside its transcript."""
    return {name: media[name] for name in Format._fields}


def _forms(transcript: Transcript, order: TranscriptionInput) -> dict[str, tuple[str, bytes]]:
    """Return type and content of all that is wanted, by name."""
    told = amazon_document(transcript, order.amazon) if order.amazon else document(transcript)
    forms = {"transcript": ("application/json", orjson.dumps(told))}
    if order.subtitles:
        for name in order.subtitles.formats:
            media_type, write = _SUBTITLES[name]
            forms[name] = (media_type, write(cues(transcript), order.subtitles.first_number).encode())
    return forms
