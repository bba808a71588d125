"""The speech-to-text service's calls."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response, WebSocket
from fastapi.responses import StreamingResponse

from services.stt import events
from services.stt.engine import Segment
from services.stt.formats import media_type_of, render
from services.stt.listening import Listening
from services.stt.recordings import Heard, Recordings
from services.stt.schemas import ListenQuery, TranscriptionForm, TranslationForm
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import chained, started, while_connected
from shared.transcription import LANGUAGE_HEADER, MOST_KEYWORDS
from shared.uploads import FORM, SlotFirst

router = APIRouter(
    tags=["transcription"],
    responses=PROBLEMS,
    route_class=SlotFirst,
    form_limits={"max_fields": 2 * MOST_KEYWORDS},
)

RecordingsDependency = Annotated[Recordings, Depends(from_state("recordings"))]
ListeningDependency = Annotated[Listening, Depends(from_state("listening"))]

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What was said, in the form that was asked for",
        "content": {kind: {} for kind in ("application/json", "text/plain", "text/vtt", events.MEDIA_TYPE)},
    }
}


@router.post("/v1/audio/transcriptions", response_class=Response, responses=_ANSWER)
async def transcriptions(
    request: Request, form: Annotated[TranscriptionForm, Form(media_type=FORM)], recordings: RecordingsDependency
) -> Response:
    """Write down what is said in a recording."""
    return await _answer(request, form, recordings)


@router.post("/v1/audio/translations", response_class=Response, responses=_ANSWER)
async def translations(
    request: Request, form: Annotated[TranslationForm, Form(media_type=FORM)], recordings: RecordingsDependency
) -> Response:
    """Write down in English what is said in a recording in another language."""
    return await _answer(request, form, recordings)


@router.websocket("/v1/audio/transcriptions/live")
async def live(websocket: WebSocket, query: Annotated[ListenQuery, Query()], listening: ListeningDependency) -> None:
    """Write down what is said while it is said."""
    await listening.listen(websocket, query)


async def _answer(request: Request, form: TranslationForm, recordings: Recordings) -> Response:
    heard = recordings.hear(await form.file.read(), form)
    return await _streamed(request, form, heard) if form.stream else await _whole(request, form, heard)


async def _streamed(request: Request, form: TranslationForm, heard: AsyncGenerator[Heard, None]) -> Response:
    pieces = await started(request, heard)
    first = await anext(pieces)
    told = events.events(chained(first, pieces), form)
    return StreamingResponse(told, headers=first.headers, media_type=events.MEDIA_TYPE)


async def _whole(request: Request, form: TranslationForm, heard: AsyncGenerator[Heard, None]) -> Response:
    async def answer() -> Response:
        segments: list[Segment] = []
        async for latest in heard:
            segments += latest.piece.segments
        transcript = latest.transcript(segments)
        language = {LANGUAGE_HEADER: transcript.language} if transcript.language else {}
        return Response(render(transcript, form), headers=latest.headers | language, media_type=media_type_of(form))

    return await while_connected(request, answer())
