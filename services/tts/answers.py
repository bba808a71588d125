"""The three forms of an answer: sound, marks as a JSON stream, and OpenAI's server-sent events."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Iterator

import orjson

from services.tts.schemas import MarkType, SpeechRequest
from services.tts.synthesis import SpokenSentence
from shared.audio import Encoder

Spoken = AsyncGenerator[SpokenSentence, None]
MARKS_MEDIA_TYPE = "application/x-json-stream"
EVENTS_MEDIA_TYPE = "text/event-stream"


def media_type_of(request: SpeechRequest, encoder: Encoder | None) -> str:
    """Return the content type of the answer."""
    if encoder is None:
        return MARKS_MEDIA_TYPE
    return EVENTS_MEDIA_TYPE if request.stream_format == "sse" else encoder.media_type


def answer(request: SpeechRequest, spoken: Spoken, encoder: Encoder | None) -> AsyncGenerator[bytes, None]:
    """Return the bytes of the answer, as they become ready. Without an encoder the answer is marks alone."""
    if encoder is None:
        return _marks(spoken, request.speech_marks)
    if request.stream_format == "sse":
        return _events(spoken, encoder, request)
    return _sound(spoken, encoder)


async def _sound(spoken: Spoken, encoder: Encoder) -> AsyncGenerator[bytes, None]:
    async for sentence in spoken:
        if chunk := await _encoded(encoder, sentence):
            yield chunk
    if chunk := encoder.finish():  # a frame at most: not worth a thread
        yield chunk


async def _encoded(encoder: Encoder, sentence: SpokenSentence) -> bytes:
    """Encode a sentence, but not the lack of one: a file's head before an error would hide the error."""
    return await asyncio.to_thread(encoder.feed, sentence.samples) if len(sentence.samples) else b""


async def _marks(spoken: Spoken, types: list[MarkType]) -> AsyncGenerator[bytes, None]:
    async for sentence in spoken:
        if lines := b"".join(mark.line() for mark in sentence.marks if mark.type in types):
            yield lines
    yield b""  # no marks at all are an answer, too


async def _events(spoken: Spoken, encoder: Encoder, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
    seconds = 0.0
    async for sentence in spoken:
        seconds += sentence.seconds
        chunk = await _encoded(encoder, sentence)
        marks = [mark.members() for mark in sentence.marks if mark.type in request.speech_marks]
        delta = _if_any("speech.audio.delta", "audio", _text(chunk))
        if events := b"".join([*_if_any("speech.audio.marks", "marks", marks), *delta]):
            yield events
    chunk = encoder.finish()
    yield b"".join(_if_any("speech.audio.delta", "audio", _text(chunk))) + _event(
        {"type": "speech.audio.done", "usage": _usage(request.input, seconds)}
    )


def _usage(text: str, seconds: float) -> dict[str, int]:
    """Count as OpenAI's clients expect to see it: words in, tenths of a second out."""
    words, tenths = len(text.split()), round(seconds * 10)
    return {"input_tokens": words, "output_tokens": tenths, "total_tokens": words + tenths}


def _text(chunk: bytes) -> str:
    return base64.b64encode(chunk).decode()


def _if_any(kind: str, member: str, value: object) -> Iterator[bytes]:
    if value:
        yield _event({"type": kind, member: value})


def _event(members: dict[str, object]) -> bytes:
    return b"data: " + orjson.dumps(members) + b"\n\n"
