"""What a model's answers are worth, as its training measured it: when they are believed, and how far. Training, too."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Calibration:
    """What a model for gender and one for age have in common."""

    least_speech_seconds: float
    """A recording with less speech is not judged."""
    most_several: float
    """How likely several speak at once, in the mean over all speech, up to which one person is heard."""
    temperature: float
    """By which the logits of the pooled answer are divided, so that it is as often right as it is likely."""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        if not (0 <= self.least_speech_seconds <= 60 and 0 <= self.most_several <= 1 and 0 < self.temperature <= 100):
            raise ValueError("no usable calibration")


@dataclass(frozen=True)
class GenderCalibration(Calibration):
    """Of a model whose windows tell the gender."""

    least_score: float
    """Score of the likelier gender from which on it is told."""
    sure_score: float
    """Score from which on one window alone is sure of its gender."""
    most_disagreement: float
    """Share of speech in windows sure of the one gender, beside those sure of the other, up to which one person is
    heard."""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        super().__post_init__()
        if not (0.5 <= self.least_score <= 1 and 0.5 <= self.sure_score <= 1 and 0 <= self.most_disagreement <= 0.5):
            raise ValueError("no usable calibration for gender")


@dataclass(frozen=True)
class AgeCalibration(Calibration):
    """Of a model whose windows tell the age."""

    years: tuple[int, int]
    """The first and the last year of age that the model tells."""
    interval_widening_years: float
    """Added on either side of the central 80 %, so that eight of ten ages lie in the interval."""
    most_interval_years: float
    """A wider interval says nothing, and no age is told."""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        super().__post_init__()
        if not 0 <= self.years[0] < self.years[1] <= 120:
            raise ValueError("no usable years")
        if not (0 <= self.interval_widening_years <= 120 and 0 < self.most_interval_years <= 120):
            raise ValueError("no usable calibration for age")


AnyCalibration = GenderCalibration | AgeCalibration
