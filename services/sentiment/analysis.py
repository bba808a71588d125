"""A request's way: limits, language, sentences, pieces of work at the engine, answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from services.sentiment.documents import documents_of
from services.sentiment.engine import EmotionEngine, EmotionScores
from services.sentiment.identifier import Identifier
from services.sentiment.language import LanguageCheck, require_served
from services.sentiment.languages import languages_of
from services.sentiment.models import Lease
from services.sentiment.pieces import pieces_of
from services.sentiment.schemas import (
    EmotionsAnswer,
    EmotionsRequest,
    Language,
    LanguagesAnswer,
    LanguagesDocument,
    TextsRequest,
)
from services.sentiment.sentences import Sentence, sentences_of
from services.sentiment.settings import SentimentSettings
from shared.engines import EngineThreads
from shared.problems import TooLarge


class Analyst:
    """Answers requests."""

    def __init__(
        self,
        settings: SentimentSettings,
        lease: Lease,
        identifier: Identifier,
        threads: EngineThreads,
    ) -> None:
        self._settings = settings
        self._lease = lease
        self._identifier = identifier
        self._language_check = LanguageCheck(identifier)
        self._threads = threads

    async def analyse(self, request: EmotionsRequest) -> EmotionsAnswer:
        """Return emotions and sentiment. Raises TooLarge, UnsupportedLanguage, Unavailable."""
        self._require_size(request.sources)
        texts = await asyncio.to_thread(self._read, request)
        with self._lease() as opened:
            scores = await self._scores(opened.engine, [sentence.text for sentences in texts for sentence in sentences])
        documents = await asyncio.to_thread(documents_of, texts, scores, opened.engine.decisions, request.labels)
        return EmotionsAnswer(opened.model, documents)

    async def identify(self, request: TextsRequest) -> LanguagesAnswer:
        """Return the languages of each text. Raises TooLarge."""
        self._require_size(request.sources)
        return await asyncio.to_thread(self._identified, request.sources)

    def _identified(self, texts: Sequence[str]) -> LanguagesAnswer:
        found = (languages_of(text, self._identifier) for text in texts)
        documents = [LanguagesDocument([Language(*each) for each in languages]) for languages in found]
        return LanguagesAnswer(self._identifier.model, documents)

    def _require_size(self, texts: Sequence[str]) -> None:
        _require_at_most(len(texts), self._settings.max_texts, "texts")
        _require_at_most(sum(map(len, texts)), self._settings.max_characters, "characters")

    def _read(self, request: EmotionsRequest) -> list[list[Sentence]]:
        if request.language:
            require_served(request.language)
        else:
            for number, text in enumerate(request.sources):
                self._language_check.require_english(text, request.source_name(number))
        texts = sentences_of(request.sources)
        _require_at_most(sum(map(len, texts)), self._settings.max_sentences, "sentences")
        return texts

    async def _scores(self, engine: EmotionEngine, texts: Sequence[str]) -> EmotionScores:
        """Score `texts` in pieces, of which no more are at the engine than it has slots: others get their turn."""
        pieces = pieces_of(texts, self._settings.slots)
        places = asyncio.Semaphore(self._settings.slots)

        async def score(piece: Sequence[int]) -> EmotionScores:
            async with places:
                return await self._threads.run_engine(engine.scores, [texts[n] for n in piece])

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(score(piece)) for piece in pieces]
        return _joined([task.result() for task in tasks], pieces)


def _require_at_most(number: int, limit: int, what: str) -> None:
    if number > limit:
        raise TooLarge(f"The request has {number} {what}; at most {limit} are taken. Send them in parts.", limit=limit)


def _joined(parts: Sequence[EmotionScores], pieces: Sequence[Sequence[int]]) -> EmotionScores:
    """Return the scores of all pieces as one, in the order of the texts."""
    back = np.argsort(np.concatenate([np.asarray(piece) for piece in pieces]))
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])[back]
        for field in fields(EmotionScores)
    }
    return EmotionScores(**columns)
