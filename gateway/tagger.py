"""The sentiment service as the pipeline sees it: sentences in, emotions heard in them out."""

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel, model_validator

from gateway.choices import SPOKEN, Heard
from gateway.upstream import Relayed, Service
from shared.problems import EngineFailed

_UNSUPPORTED_LANGUAGE = "unsupported-language"


class _Sentence(BaseModel):
    emotion: str
    scores: dict[str, float]
    confident: bool

    @model_validator(mode="after")
    def _has_all_scores(self) -> "_Sentence":
        if self.emotion not in SPOKEN or not SPOKEN.keys() <= self.scores.keys():
            raise ValueError("a label is missing")
        return self


class _Document(BaseModel):
    sentences: list[_Sentence]


class _Answer(BaseModel):
    documents: list[_Document]


class Tagger:
    """Asks the service in batches of `batch` sentences, `calls` batches at once."""

    def __init__(self, service: Service, batch: int, calls: int) -> None:
        self._service = service
        self._batch = batch
        self._free = asyncio.Semaphore(calls)

    async def hear(self, texts: Sequence[str]) -> list[Heard | None]:
        """Return one entry a text; None for a text in a language that the service does not read.

        Raises Relayed, Unavailable, TimedOut, EngineFailed.
        """
        batches = [texts[start : start + self._batch] for start in range(0, len(texts), self._batch)]
        calls = [asyncio.create_task(self._in_turn(batch)) for batch in batches]
        try:
            return [heard for answers in await asyncio.gather(*calls) for heard in answers]
        finally:
            for call in calls:  # the others are of no use once one has failed
                call.cancel()

    async def _in_turn(self, texts: Sequence[str]) -> list[Heard | None]:
        async with self._free:
            return await self._heard(texts)

    async def _heard(self, texts: Sequence[str]) -> list[Heard | None]:
        try:
            return await self._asked(texts)
        except Relayed as refused:
            if refused.slug != _UNSUPPORTED_LANGUAGE:
                raise
        if len(texts) == 1:
            return [None]
        middle = len(texts) // 2  # which of them it is, the halves tell
        return [*await self._heard(texts[:middle]), *await self._heard(texts[middle:])]

    async def _asked(self, texts: Sequence[str]) -> list[Heard | None]:
        body = await self._service.post("/v1/text/emotions", {"texts": list(texts)})
        try:
            documents = _Answer.model_validate_json(body).documents
            return [_opinion(document) for _, document in zip(texts, documents, strict=True)]
        except ValueError as error:
            raise EngineFailed("The sentiment service gave an answer that is not understood.") from error


def _opinion(document: _Document) -> Heard | None:
    """Return what was heard in one of our sentences; where the service saw several in it, the surest of them."""
    if not document.sentences:
        return None
    surest = max(document.sentences, key=lambda sentence: (sentence.confident, sentence.scores[sentence.emotion]))
    return Heard(surest.emotion, surest.scores, surest.confident)
