"""What the sentiment service takes and gives."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.sentiment.engine import LabelSet

Sentiment = Literal["positive", "negative", "neutral", "mixed"]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty")
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]


class TextsRequest(BaseModel):
    """`POST /v1/text/languages`: exactly one of `text` and `texts`."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    text: Text | None = Field(default=None, examples=["The train was late again! Still, the sunset was lovely."])
    """One text."""
    texts: list[Text] | None = Field(default=None, min_length=1)
    """Several texts; the answer has a document for each, in order."""

    @model_validator(mode="after")
    def _has_one_source(self) -> "TextsRequest":
        if (self.text is None) == (self.texts is None):
            raise ValueError("give exactly one of text and texts")
        return self

    @property
    def sources(self) -> list[str]:
        """The texts, however they were given."""
        return self.texts if self.texts is not None else [self.text or ""]

    def source_name(self, number: int) -> str:
        """Return the name of the member that holds text `number`."""
        return "text" if self.texts is None else f"texts.{number}"


class EmotionsRequest(TextsRequest):
    """`POST /v1/text/emotions`."""

    labels: LabelSet = "ekman"
    """`ekman`: six emotions and neutral, scores sum to one. `goemotions`: 28 labels, each with its own probability."""
    language: str | None = Field(default=None, max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
    """`en` (or en-GB and so on) says that the texts are English and spares the check; others are refused."""


@dataclass(frozen=True, slots=True)
class SentimentScores:
    """How likely each sentiment is; they sum to one."""

    positive: float
    negative: float
    neutral: float
    mixed: float


@dataclass(frozen=True, slots=True)
class SentenceEmotions:
    """One sentence. `start` and `end` count characters (Unicode code points) of its text."""

    text: str
    start: int
    end: int
    emotion: str
    score: float
    scores: dict[str, float]
    confident: bool
    """The score is so high that a voice may speak in this emotion; see the model card for the precision."""
    sentiment: Sentiment
    sentiment_scores: SentimentScores


@dataclass(frozen=True, slots=True)
class Document:
    """One text."""

    sentences: list[SentenceEmotions]
    sentiment: Sentiment
    sentiment_scores: SentimentScores


@dataclass(frozen=True, slots=True)
class EmotionsAnswer:
    """Body of the answer; `model` is the name and version that scored."""

    model: str
    documents: list[Document]


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a text is likely in, or that has so much of it; from 0.05 on."""

    language: str
    """BCP 47: ISO 639 in general, `zh-TW` for traditional Chinese, `und` where nothing tells."""
    score: float


@dataclass(frozen=True, slots=True)
class LanguagesDocument:
    """One text: its languages, the dominant one first."""

    languages: list[Language]


@dataclass(frozen=True, slots=True)
class LanguagesAnswer:
    """Body of the answer; `model` is the name and version of what told them apart."""

    model: str
    documents: list[LanguagesDocument]
