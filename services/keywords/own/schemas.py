"""What the calls for models of a caller's own take and give."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat

from services.keywords.enrolment import FEWEST_TAKES
from services.keywords.own.names import LONGEST_KEYWORD, keyword_of, model_name_of
from shared.store.names import NAME_PATTERN

MOST_FILES = 100
_LARGEST_EMBEDDING = 4_096

ModelName = Annotated[str, Field(pattern=NAME_PATTERN), AfterValidator(model_name_of)]
Keyword = Annotated[str, Field(min_length=1, max_length=4 * LONGEST_KEYWORD), AfterValidator(keyword_of)]
Reason = Literal["damaged", "too_large", "too_short", "silent"]
"""Why a recording is not learned from."""


class _Documented(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class EnrolmentForm(BaseModel):
    """`POST /v1/keywords/models`: recordings of one word."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    name: Annotated[ModelName, Field(examples=["my-words"])]
    """The caller's model that the word becomes part of; one that is not there yet is made."""
    keyword: Annotated[Keyword, Field(examples=["computer"])]
    """What is said in the recordings, up to 64 letters, digits, spaces, apostrophes, `-` and `_`; kept in small
    letters. A word of that model is enrolled anew."""
    files: Annotated[list[UploadFile], Field(min_length=FEWEST_TAKES, max_length=MOST_FILES)]
    """The recordings, each of the word said once, up to 10 seconds; about 20 are recommended, from all who will say
    the word, and in the places where they will."""


class Rejected(_Documented):
    """A recording that is not learned from."""

    file: int
    """Which of the files, counted from 0."""
    reason: Reason


class OwnKeyword(_Documented):
    """A word that was enrolled, and how well it is told from others.

    That is judged by what was learned without the recordings, and without the other sounds, that it is judged on.
    """

    keyword: str
    created: datetime
    base_model: str
    """The model whose network it was learned on, with its version. It is heard with that version alone."""
    recordings: int
    """How many recordings it was learned from."""
    recall: float
    """Share of these recordings that are taken for the word at `threshold`, as if each were a command."""
    false_accepts: float
    """Share of seconds of other words, read speech and noise that are taken for the word at `threshold`."""
    threshold: float
    """Score from which on the word is taken in a recording up to 2 seconds, unless a call says another."""
    stream_threshold: float
    """The same for longer recordings, and for the websocket."""


class Enrolled(OwnKeyword):
    """Answer to an enrolment."""

    model: str
    rejected: list[Rejected]
    """Recordings that were not learned from."""
    missed: list[int]
    """Files in which the word is not recognised by what was learned from the others: worth listening to again."""


class StoredKeyword(OwnKeyword):
    """A word as it is kept: nothing of the recordings but a direction in the network's space."""

    weights: Annotated[list[FiniteFloat], Field(min_length=1, max_length=_LARGEST_EMBEDDING)]
    bias: FiniteFloat


class OwnModel(_Documented):
    """A model of the caller's own: words beside those of the base model."""

    name: str
    keywords: list[OwnKeyword]
    """By the alphabet."""
    is_current: bool
    """Whether it can be used: all its words were learned on the base model in use. If not, enrol those others anew."""


class OwnModelList(_Documented):
    """The caller's models, by name."""

    data: list[OwnModel]


class DeletedModels(_Documented):
    """Says what is gone."""

    deleted: int
    """How many models."""
