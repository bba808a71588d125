"""What a voice training job takes."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.locations import Location
from gateway.schemas import Documented
from shared.problems import InvalidInput
from shared.store.names import NAME_PATTERN

_LINE = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(pattern=_LINE, max_length=200)]


def _in_the_past(day: date | None) -> date | None:
    if day and day > datetime.now(UTC).date():
        raise InvalidInput("The date of the consent lies in the future.", param="input.consent.given_on")
    return day


class ConsentGiven(Documented):
    """That whose voice it is agree; kept with the voice."""

    speaker: Line
    """Whose voice it is."""
    statement: Annotated[str, StringConstraints(pattern=r"^[^\x00]*\S+\s+\S+\s+\S+[^\x00]*$", max_length=2_000)]
    """That they agree, and to what, in a sentence."""
    given_on: Annotated[date | None, AfterValidator(_in_the_past)] = None
    """When; null: today."""
    record: Line | None = None
    """Where the record of it is kept."""


class VoiceTrainingInput(Documented):
    """Recordings of one person, of which a voice is to be made."""

    url: Location = Field(max_length=2_048, examples=["s3://bucket/prefix"])
    """s3://bucket/prefix, or the absolute path of a folder, with metadata.csv (`id|text|normalised`) and wavs/; one of
    `TIMBRE_VOICE_TRAINING_LOCATIONS`, or a place inside it."""
    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
    """Under which the voice is asked for; one that there is already is refused."""
    consent: ConsentGiven
    network: Literal["world", "vits"] = "world"
    """`vits` needs a worker with a GPU."""
    epochs: int | None = Field(default=None, ge=1, le=100_000)
    """How often all recordings are gone through; null: as the network's recipe has it."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$")] = "en-us"
    """As espeak-ng calls it."""
    display_name: Annotated[str, StringConstraints(pattern=_LINE, max_length=80)] | None = None
    """For people; null: the name with a capital letter."""
    gender: Literal["female", "male", "neutral"] = "neutral"
    """As the voice sounds."""
    licence: Line | None = None
    """Of the voice."""
