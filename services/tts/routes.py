"""The TTS service's calls."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from services.tts.answers import EVENTS_MEDIA_TYPE, MARKS_MEDIA_TYPE, answer, media_type_of
from services.tts.prepare import speakers_of
from services.tts.schemas import SpeechRequest, VoiceList
from services.tts.settings import TTSSettings
from services.tts.synthesis import Speaker
from services.tts.voices import Voices
from services.tts.wishes import Wishes, wishes_of
from shared.audio import AUDIO_FORMATS, Encoder
from shared.callers import KnownCaller
from shared.engines import Slots
from shared.lexicons import Lexicon, Lexicons
from shared.openapi import PROBLEMS
from shared.problems import InvalidInput, LexiconNotFound, TooLarge
from shared.provenance import DESCRIBED, file_comment, provenance_headers
from shared.state import from_state
from shared.streaming import started
from shared.text.document import Document
from shared.text.limits import Limits
from shared.text.parse import parse_text

_TEXT_LIMITS = Limits(elements=100_000)
"""The gateway marks up every sentence of a text as long as it takes."""

router = APIRouter(tags=["speech"], responses=PROBLEMS)

_MEDIA_TYPES = sorted({kind.media_type for kind in AUDIO_FORMATS.values()} | {EVENTS_MEDIA_TYPE, MARKS_MEDIA_TYPE})


SpeakerDependency = Annotated[Speaker, Depends(from_state("speaker"))]
SlotsDependency = Annotated[Slots, Depends(from_state("slots"))]
LexiconsDependency = Annotated[Lexicons, Depends(from_state("lexicons"))]
SettingsDependency = Annotated[TTSSettings, Depends(from_state("settings"))]


@router.post(
    "/v1/audio/speech",
    response_class=StreamingResponse,
    responses={200: {"description": "The sound", "headers": DESCRIBED, "content": {kind: {} for kind in _MEDIA_TYPES}}},
)
async def speech(
    request: Request,
    order: SpeechRequest,
    speaker: SpeakerDependency,
    slots: SlotsDependency,
    settings: SettingsDependency,
    caller: KnownCaller,
    lexicons: LexiconsDependency,
) -> StreamingResponse:
    """Speak text, tagged text or SSML; the sound streams sentence by sentence."""
    if len(order.input) > settings.max_input_characters:
        raise TooLarge(
            f"input has more than {settings.max_input_characters} characters.", limit=settings.max_input_characters
        )
    voices = speaker.voices
    wishes = wishes_of(order, voices, await _lexicons(lexicons, caller, order.lexicons))
    document, models = await asyncio.to_thread(_read, order, wishes, voices)
    rate_hz = wishes.voice.sample_rate_hz
    encoder = _encoder(order, rate_hz, file_comment(models))

    async def chunks() -> AsyncGenerator[bytes, None]:
        spoken = speaker.speak(document, wishes, voices, rate_hz)
        async with slots.take(), aclosing(spoken), aclosing(answer(order, spoken, encoder)) as parts:
            async for part in parts:
                yield part

    stream = await started(request, chunks())
    warning = {"X-Timbre-Warning": wishes.warning} if wishes.warning else {}
    headers = {**provenance_headers(models), **warning}
    return StreamingResponse(stream, headers=headers, media_type=media_type_of(order, encoder))


async def _lexicons(kept: Lexicons, caller: str | None, names: list[str]) -> list[Lexicon]:
    """Return the caller's lexicons of those names. Raises LexiconNotFound."""
    if names and caller is None:
        raise LexiconNotFound("Lexicons belong to an API key; call through the public address.", param="lexicons")
    return await asyncio.to_thread(kept.all_of, caller, names) if names and caller else []


def _read(order: SpeechRequest, wishes: Wishes, voices: Voices) -> tuple[Document, list[str]]:
    """Return what is to be spoken, and the models that will do it."""
    document = parse_text(order.input, order.text_type, _TEXT_LIMITS, wishes.language)
    speakers = speakers_of(document, wishes, voices)
    if "viseme" in order.speech_marks and not all(speaker.tells_visemes for speaker in speakers):
        raise InvalidInput("A voice of this text does not tell its sounds; ask for no visemes.", param="speech_marks")
    return document, list(dict.fromkeys(speaker.model for speaker in speakers))


def _encoder(order: SpeechRequest, rate_hz: int, comment: str) -> Encoder | None:
    """Return what writes the answer's sound; None where it is to have none."""
    if order.response_format == "json":
        return None
    return Encoder(order.response_format, rate_hz, order.sample_rate, comment=comment)


@router.get("/v1/audio/voices")
async def voices(speaker: SpeakerDependency) -> VoiceList:
    """List the voices there are now, with the model and style that speak each emotion."""
    return VoiceList(voices=speaker.voices.listing())
