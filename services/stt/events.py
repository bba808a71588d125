"""Server-sent events while a recording is written down, as OpenAI's clients read them."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import orjson

from services.stt.engine import Segment
from services.stt.formats import logprobs_of, seconds_of, tokens_of
from services.stt.recordings import Heard
from services.stt.schemas import TranslationForm
from services.stt.transcripts import Transcript, added_text
from shared.problems import Problem

MEDIA_TYPE = "text/event-stream"


async def events(heard: AsyncGenerator[Heard, None], form: TranslationForm) -> AsyncGenerator[bytes, None]:
    """Yield the text of each segment as it ends, then all of it. A problem on the way is the last event."""
    async with aclosing(heard):
        try:
            async for event in _told(heard, form):
                yield event
        except Problem as problem:
            yield _event("error", error=problem.body()["error"])


async def _told(heard: AsyncIterator[Heard], form: TranslationForm) -> AsyncIterator[bytes]:
    segments: list[Segment] = []
    async for latest in heard:
        for segment in latest.piece.segments:
            segments.append(segment)
            yield _delta(segment, is_first=len(segments) == 1) + _segment(len(segments) - 1, segment)
    yield _done(latest.transcript(segments), form)


def _delta(segment: Segment, *, is_first: bool) -> bytes:
    return _event("transcript.text.delta", delta=added_text(segment, is_first=is_first))


def _segment(number: int, segment: Segment) -> bytes:
    """Return the times of a segment. OpenAI's has a speaker, whom we do not tell from others."""
    return _event(
        "transcript.text.segment",
        id=f"seg_{number}",
        start=seconds_of(segment.start_seconds),
        end=seconds_of(segment.end_seconds),
        text=segment.text,
        speaker="",
    )


def _done(transcript: Transcript, form: TranslationForm) -> bytes:
    logprobs = {"logprobs": logprobs_of(transcript)} if "logprobs" in form.include else {}
    return _event("transcript.text.done", text=transcript.text, **logprobs, usage=tokens_of(transcript))


def _event(kind: str, **members: Any) -> bytes:
    return b"data: " + orjson.dumps({"type": kind, **members}) + b"\n\n"
