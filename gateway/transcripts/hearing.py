"""The call to the speech-to-text service that has a whole recording written down, with the times of all words."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.transcription import Opened, opened_models
from gateway.transcripts.splitting import split
from gateway.transcripts.transcript import Item, Passage, Transcript
from gateway.upstream import Answer, Relayed, Service
from shared.problems import EngineFailed
from shared.provenance import MODEL_HEADER
from shared.transcription import LANGUAGE_HEADER, MOST_KEYWORDS

_PATH = "/v1/audio/transcriptions"
_BUSY = 429
_PAUSE_SECONDS = 2.0
_JSON = TypeAdapter(Transcript)


class _Word(BaseModel):
    word: str
    start: float
    end: float
    probability: float | None = None


class _Segment(BaseModel):
    start: float
    end: float
    text: str


class _Verbose(BaseModel):
    duration: float
    segments: list[_Segment]
    words: list[_Word]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a recording is to be written down."""

    model: str | None = None
    language: str | None = None
    languages: Sequence[str] = ()
    prompt: str = ""
    temperature: float = 0.0
    keywords: Sequence[str] = ()


async def heard(stt: Service, recording: bytes, wishes: Wishes) -> bytes:
    """Return the transcript as JSON, for `read`; waits while the service is busy.

    Keywords that the model does not heed are ignored, with a warning. Raises as `Service.upload` does.
    """
    model = await _model(stt, wishes.model)
    keywords, warnings = _heeded(wishes.keywords, model)
    fields = list(_fields(wishes, keywords))
    while True:
        try:
            answer = await stt.upload(_PATH, recording, fields)
        except Relayed as relayed:
            if relayed.status != _BUSY:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return _JSON.dump_json(_transcript(answer, warnings))


def read(written: bytes) -> Transcript:
    """Return what `heard` wrote."""
    return _JSON.validate_json(written)


async def _model(stt: Service, name: str | None) -> Opened | None:
    """Return what is known of the model that will listen: the default where the name is not that of another."""
    models = await opened_models(stt)
    named = [model for model in models if name in (model.model, model.name)]
    return next(iter(named or models), None)


def _heeded(keywords: Sequence[str], model: Opened | None) -> tuple[Sequence[str], list[str]]:
    if keywords and model and not model.takes_keywords:
        return (), [f"keywords: the model {model.model} does not heed them, and they are ignored"]
    if len(keywords) > MOST_KEYWORDS:
        return keywords[:MOST_KEYWORDS], [f"keywords: the first {MOST_KEYWORDS} are heeded, and the others ignored"]
    return keywords, []


def _fields(wishes: Wishes, keywords: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the form's parts beside the file."""
    yield "response_format", "verbose_json"
    yield "temperature", str(wishes.temperature)
    yield from (("timestamp_granularities[]", name) for name in ("segment", "word"))
    named = {"model": wishes.model, "language": wishes.language, "prompt": wishes.prompt}
    yield from ((name, value) for name, value in named.items() if value)
    yield from (("languages[]", language) for language in wishes.languages)
    yield from (("keywords[]", keyword) for keyword in keywords)


def _transcript(answer: Answer, warnings: Sequence[str]) -> Transcript:
    try:
        told = _Verbose.model_validate_json(answer.body)
    except ValidationError as error:
        raise EngineFailed("The stt service gave an answer that is not understood.") from error
    warning = answer.headers.get("X-Timbre-Warning")
    return Transcript(
        tuple(_passages(told)),
        told.duration,
        answer.headers.get(LANGUAGE_HEADER),
        answer.headers.get(MODEL_HEADER, ""),
        (*warnings, *([warning] if warning else [])),
    )


def _passages(told: _Verbose) -> Iterator[Passage]:
    """Give each segment the words that make its text, which come in its order; without any its text is one word."""
    words = iter([Item(word.word, word.start, word.end, word.probability) for word in told.words])
    for segment in told.segments:
        own = list(_of(segment, words)) or [Item(segment.text, segment.start, segment.end)]
        yield Passage(segment.start, segment.end, tuple(split(own)))


def _of(segment: _Segment, words: Iterator[Item]) -> Iterator[Item]:
    """Take words as long as letters of the segment are left."""
    left = _letters(segment.text)
    while left > 0 and (word := next(words, None)):
        left -= _letters(word.text)
        yield word


def _letters(text: str) -> int:
    return sum(not letter.isspace() for letter in text)
