"""What the keywords service takes; what it gives stands in answers.py."""

from typing import Annotated

from fastapi import UploadFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.listed import listed
from shared.listening import SoundQuery

Threshold = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _split(names: list[str]) -> list[str]:
    """Return the names in a list whose members may hold several, with commas between them."""
    return [name for joined in names for name in listed(joined)]


class Wishes(BaseModel):
    """What a call may ask for."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    model: str | None = Field(default=None, max_length=129, examples=["keywords"])
    """The model that listens, with or without its version (`keywords/1`); default: `TIMBRE_KEYWORDS_MODEL`."""
    threshold: Threshold | None = Field(default=None, examples=[0.5])
    """The score from which on a word is taken; default: the model's own, one for recordings up to 2 seconds and
    another for longer ones."""
    keywords: Annotated[list[str], AfterValidator(_split)] = Field(default=[], max_length=64, examples=[["yes", "no"]])
    """The words that are allowed, repeated or with commas between them; default: all that the model knows. Any other
    word counts as `unknown`."""


class KeywordsForm(Wishes):
    """`POST /v1/audio/keywords`: a recording."""

    file: UploadFile
    """The recording: wav, mp3, flac, ogg, m4a, aac or webm, told by its contents and not by its name."""


class ListenQuery(Wishes, SoundQuery):
    """The query of the websocket `/v1/audio/keywords/listen`."""
