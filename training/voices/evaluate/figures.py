"""What is measured of a voice, as JSON and as the metrics of its manifest."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput, Json, NotFound
from shared.store.manifest import summary

FIGURES = "figures.json"
_DIGITS = 4

Number = Annotated[float, Field(allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Frozen):
    """How an emotion differs from neutral speech."""

    f0_semitones: Number
    """Of the median."""
    f0_range_semitones: Number
    """Of the width from the 10th to the 90th percentile."""
    level_db: Number
    rate_ratio: Number
    """Of the letters said in a second; 1 is as fast."""
    tilt_db: Number
    """Of the power of 1 to 5 kHz over that below; more is brighter."""

    def directions(self) -> dict[str, bool]:
        """Tell of each measure whether it rises."""
        rises = {name: value > 0 for name, value in self if name != "rate_ratio"}
        return rises | {"rate_ratio": self.rate_ratio > 1}


class EmotionFigures(_Frozen):
    """Changes of the recordings of an emotion, and of the same sentences spoken by the voice in it."""

    recordings: Change
    voice: Change

    @property
    def same_directions(self) -> int:
        """Of how many of the five measures the voice moves to the same side as the speaker."""
        real, spoken = self.recordings.directions(), self.voice.directions()
        return sum(real[name] == spoken[name] for name in real)


class Figures(_Frozen):
    """All that is measured. None: it cannot be, as the card says."""

    network_sha256: str
    """Of which network: figures of another one say nothing."""
    held_out: int
    """Recordings that were not learned from, and whose texts the voice speaks."""
    compared: int
    """Of those the ones in which the voice says something that can be compared; of all figures but the words."""
    word_error_rate: Number | None = None
    """What PocketSphinx mishears of the voice, in shares of the words; None in languages it does not know."""
    recordings_word_error_rate: Number | None = None
    """What it mishears of the recordings of the same sentences."""
    speaker_similarity: Number | None = None
    """Mean cosine between the voice and recordings of other sentences, as a speaker encoder hears them."""
    recordings_speaker_similarity: Number | None = None
    """Mean cosine between recordings of different sentences."""
    duration_ratio: Number | None = None
    """Of the voice over the recordings, without silence: the median over the sentences, as all that follows."""
    f0_difference_semitones: Number | None = None
    """Of the medians, voice minus recording."""
    f0_range_ratio: Number | None = None
    f0_correlation: Number | None = None
    """Of the logarithms, after alignment in time, where both are voiced."""
    level_correlation: Number | None = None
    """Of the decibels, after alignment in time."""
    mel_cepstral_distance_db: Number | None = None
    """After alignment in time, without the level: 0 is the recording itself; another take differs too."""
    real_time_factor: Number
    """Seconds of computing for a second of speech, on one core of the machine that evaluated."""
    emotions: dict[str, EmotionFigures] = {}

    def metrics(self) -> dict[str, Json]:
        """Return the members of a manifest's metrics."""
        members = self.model_dump(exclude={"network_sha256"})
        told = {name: value for name, value in members.items() if value is not None and value != {}}
        return {name: _rounded(value) for name, value in told.items()}


def write_figures(folder: Path, figures: Figures) -> None:
    """Write figures.json, whole or not at all."""
    FolderObjects(folder).put(FIGURES, json.dumps(figures.model_dump(), indent=1).encode() + b"\n")


def read_figures(folder: Path) -> Figures:
    """Return what an evaluation wrote. Raises NotFound, InvalidInput."""
    try:
        return Figures.model_validate_json((folder / FIGURES).read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"There is no {FIGURES}: the voice was not evaluated.") from error
    except ValidationError as error:
        raise InvalidInput(f"{FIGURES} is wrong: {summary(error)}") from error


def _rounded(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, _DIGITS) if isinstance(value, float) else value
