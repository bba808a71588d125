"""The sentiment service, asked about whole texts: as many as there are in one call, in their order."""

from collections.abc import Sequence
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from gateway.upstream import Relayed, Service
from shared.problems import EngineFailed, Json

Labels = Literal["ekman", "goemotions"]

_TOO_LARGE = "too-large"


class Scores(BaseModel):
    """How likely each sentiment is; they sum to one."""

    positive: float
    negative: float
    neutral: float
    mixed: float


class Sentence(BaseModel):
    """One sentence, and how likely each emotion is in it."""

    text: str
    scores: dict[str, float]


class Feelings(BaseModel):
    """What is felt in one text."""

    sentences: list[Sentence]
    sentiment: Literal["positive", "negative", "neutral", "mixed"]
    sentiment_scores: Scores

    @property
    def members(self) -> dict[str, Any]:
        """As Amazon Comprehend writes it, in answers and in files."""
        scores = {name.capitalize(): score for name, score in self.sentiment_scores.model_dump().items()}
        return {"Sentiment": self.sentiment.upper(), "SentimentScore": scores}


class LanguageScore(BaseModel):
    """A language of a text, as BCP 47."""

    language: str
    score: float


class Languages(BaseModel):
    """The languages of one text, the dominant one first."""

    languages: list[LanguageScore] = Field(min_length=1)


Document = TypeVar("Document", Feelings, Languages)


class _Answer(BaseModel, Generic[Document]):
    documents: list[Document]


async def feelings_of(service: Service, texts: Sequence[str], labels: Labels = "ekman") -> list[Feelings]:
    """Return what is felt in English texts, none of them blank. Raises Relayed, Unavailable, TimedOut, EngineFailed."""
    return await _asked(service, "emotions", texts, _Answer[Feelings], {"labels": labels, "language": "en"})


async def languages_of(service: Service, texts: Sequence[str]) -> list[Languages]:
    """Return the languages of texts, none of them blank. Raises as `feelings_of`."""
    return await _asked(service, "languages", texts, _Answer[Languages], {})


async def _asked(
    service: Service, call: str, texts: Sequence[str], answer: type[_Answer[Document]], members: dict[str, Json]
) -> list[Document]:
    """Ask at once; where that is more than the service takes, in halves."""
    if not texts:
        return []
    try:
        return _read(await service.post(f"/v1/text/{call}", {"texts": list(texts), **members}), answer, len(texts))
    except Relayed as refused:
        if refused.slug != _TOO_LARGE or len(texts) == 1:
            raise
    middle = len(texts) // 2
    halves = [await _asked(service, call, half, answer, members) for half in (texts[:middle], texts[middle:])]
    return halves[0] + halves[1]


def _read(body: bytes, answer: type[_Answer[Document]], count: int) -> list[Document]:
    try:
        documents = answer.model_validate_json(body).documents
        if len(documents) == count:
            return documents
    except ValueError as error:
        raise EngineFailed("The sentiment service gave an answer that is not understood.") from error
    raise EngineFailed("The sentiment service answered about more texts or fewer.")
