"""What the speaker service takes and gives."""

from dataclasses import dataclass
from typing import Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict

from services.speaker.engine import GenderScores, Reason

GenderLabel = Literal["female", "male", "unknown"]
AgeGroup = Literal["child", "youth", "adult", "senior"]


class SpeakerForm(BaseModel):
    """`POST /v1/audio/speaker`: a recording of one person."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    file: UploadFile
    """The recording: wav, mp3, flac, ogg, m4a, aac or webm, told by its contents and not by its name."""


@dataclass(frozen=True, slots=True)
class Gender:
    """How the voice sounds, which is not what a person is."""

    label: GenderLabel
    scores: GenderScores
    """They sum to one; a half each where the label is `unknown` for want of speech."""
    reason: Reason | None
    """Why the label is `unknown`."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old the voice sounds."""

    years: float | None
    interval: tuple[float, float] | None
    """From and to, in years: the age lies between them in nine cases of ten."""
    group: AgeGroup | None
    """`child` to 14, `youth` to 24, `adult` to 54, `senior`."""
    reason: Reason | None
    """Why there is no age."""


@dataclass(frozen=True, slots=True)
class SpeakerAnswer:
    """Body of the answer; `model` is the name and version that judged."""

    model: str
    speech_seconds: float
    """How much of the recording is speech."""
    gender: Gender
    age: Age
