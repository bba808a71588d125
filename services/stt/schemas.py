"""What the speech-to-text service takes: OpenAI's forms, and the query of the live websocket.

What it gives stands in formats.py, events.py and listening.py.
"""

from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.listening import SoundQuery
from shared.transcription import MOST_KEYWORDS, Keyword, Language, Prompt, Temperature

ResponseFormat = Literal["json", "text", "srt", "verbose_json", "vtt"]
Granularity = Literal["word", "segment"]


def _refuse(names: list[str]) -> list[str]:
    if names:
        raise PydanticCustomError("not_told_apart", "speakers are not told apart here")
    return names


def _told_in_words(response_format: object) -> object:
    if response_format == "diarized_json":
        raise PydanticCustomError("not_told_apart", "speakers are not told apart here; ask for verbose_json")
    return response_format


Speakers = Annotated[list[str], AfterValidator(_refuse)]


def _several(name: str) -> AliasChoices:
    """Return how a list is named: as OpenAI's clients write it, or without the brackets."""
    return AliasChoices(f"{name}[]", name)


class TranslationForm(BaseModel):
    """`POST /v1/audio/translations`. Unknown members are ignored, as OpenAI does."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="ignore")

    file: UploadFile
    """The recording: wav, mp3, flac, ogg, m4a, aac or webm, told by its contents and not by its name."""
    model: str | None = Field(default=None, max_length=129, examples=["whisper-1"])
    """The model that listens, with or without its version; OpenAI's names (`whisper-1`, `gpt-4o-transcribe`, ...) mean
    the default. The header X-Timbre-Model of the answer says which one listened."""
    prompt: Prompt = ""
    """Text that came before, or whose spelling and style to follow, for models that heed it."""
    response_format: Annotated[ResponseFormat, BeforeValidator(_told_in_words)] = "json"
    """Form of the answer."""
    temperature: Temperature = 0.0
    """How freely to choose among likely words, for models that heed it."""
    timestamp_granularities: list[Granularity] = Field(
        default=[], max_length=2, validation_alias=_several("timestamp_granularities")
    )
    """Which times a `verbose_json` answer has: of segments (the default), of words, or of both."""
    include: list[Literal["logprobs"]] = Field(default=[], max_length=8, validation_alias=_several("include"))
    """`logprobs`: how sure the model is of each word, in a `json` answer or the last event of a stream."""
    stream: bool = False
    """Send server-sent events while the recording is written down; with `json`, `text` or `verbose_json`."""


class TranscriptionForm(TranslationForm):
    """`POST /v1/audio/transcriptions`."""

    language: Language | None = Field(default=None, examples=["en"])
    """What is spoken (ISO 639-1); without it the model finds out, where it knows several."""
    languages: list[Language] = Field(default=[], max_length=MOST_KEYWORDS, validation_alias=_several("languages"))
    """What may be spoken; one that the model knows must be among them."""
    keywords: list[Keyword] = Field(default=[], max_length=MOST_KEYWORDS, validation_alias=_several("keywords"))
    """Words that are likelier than usual, for models that heed them; refused by others."""
    chunking_strategy: str | None = Field(default=None, max_length=8_192)
    """Taken and not needed: recordings are always cut where nobody speaks."""
    known_speaker_names: Speakers = Field(default=[], validation_alias=_several("known_speaker_names"))
    """Refused: speakers are not told apart."""
    known_speaker_references: Speakers = Field(default=[], validation_alias=_several("known_speaker_references"))
    """Refused: speakers are not told apart."""


class ListenQuery(SoundQuery):
    """The query of the websocket `/v1/audio/transcriptions/live`."""

    model: str | None = Field(default=None, max_length=129, examples=["pocketsphinx"])
    """The model that listens, with or without its version; OpenAI's names mean the default."""
    language: Language | None = Field(default=None, examples=["en"])
    """What is spoken (ISO 639-1); without it the model finds out, where it knows several."""
    keywords: list[Keyword] = Field(default=[], max_length=MOST_KEYWORDS)
    """Words that are likelier than usual, for models that heed them; refused by others."""
    words: bool = False
    """Whether each `final` tells its words and their times."""
