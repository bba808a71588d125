"""One recording on its way through the engines: windows, evidence, answer. Pure computing, for the engines' threads."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from services.speaker.answers import (
    SECONDS_DECIMALS,
    Age,
    Gender,
    JudgingModel,
    Reason,
    Segment,
    SpeakerAnswer,
    no_age,
    no_gender,
)
from services.speaker.calibration import AgeCalibration, GenderCalibration
from services.speaker.engine import Heard, SpeakerEngine
from services.speaker.features import Frames, Samples
from services.speaker.pooling import Evidence, age_of, gender_of, segments_of, speech_seconds
from services.speaker.windows import Cutter, Windows


class Model(NamedTuple):
    """A model that is open for one recording."""

    model: str
    """`name/version`."""
    task: str
    engine: SpeakerEngine

    @property
    def name(self) -> str:
        """Its name without the version, as metrics have it."""
        return self.model.partition("/")[0]

    @property
    def told(self) -> JudgingModel:
        """What callers are told of it."""
        return JudgingModel(self.model, self.task, self.engine.licence, self.engine.noncommercial)


_OF_BOTH: tuple[Reason, ...] = ("no_speech", "several_voices")
"""Reasons that hold whatever is asked; how much speech is needed, and how sure is sure, each model knows for itself."""

Hear = Callable[[Model, Frames], Heard]
"""Has a model's engine judge windows."""


class Judging:
    """Judges one recording, which comes piece by piece at the rate of the engines' features."""

    def __init__(self, models: Sequence[Model], hear: Hear) -> None:
        """Take at least one model, the one first whose seconds of speech are told."""
        self._models = models
        self._heard_by = hear
        self._cutters = {model.engine.cut: Cutter(model.engine.cut) for model in models}
        self._pieces: dict[str, list[Evidence]] = {model.task: [] for model in models}
        self._steps: dict[str, list[int]] = {model.task: [] for model in models}
        self._samples = 0

    def feed(self, samples: Samples) -> Iterator[None]:
        """Take the next sound, float32 (n,); stop behind each piece of work, so that others get their turn."""
        self._samples += len(samples)
        for cut, cutter in self._cutters.items():
            for windows in cutter.feed(samples):
                self._hear([model for model in self._models if model.engine.cut == cut], windows)
                yield

    def finish(self, *, segments: bool) -> SpeakerAnswer:
        """Judge the rest, and return the answer."""
        for cut, cutter in self._cutters.items():
            self._hear([model for model in self._models if model.engine.cut == cut], cutter.finish())
        gender, age = _agreed(self._gender(), self._age())
        return SpeakerAnswer(
            model="+".join(model.model for model in self._models),
            speech_seconds=round(self._evidence(self._models[0].task).speech_seconds, SECONDS_DECIMALS),
            gender=gender,
            age=age,
            models=[model.told for model in self._models],
            segments=self._segments() if segments else None,
        )

    def _hear(self, models: Sequence[Model], windows: Windows) -> None:
        for model in models:
            heard = self._heard_by(model, windows.frames)
            seconds = speech_seconds(heard.speech, windows.own, model.engine.cut.step_seconds)
            self._pieces[model.task].append(Evidence(seconds, heard.several, heard.voice))
            self._steps[model.task] += windows.own.sum(axis=1).tolist()

    def _evidence(self, task: str) -> Evidence:
        parts = zip(*((one.seconds, one.several, one.voice) for one in self._pieces[task]), strict=True)
        return Evidence(*(np.concatenate(part) for part in parts))

    def _gender(self) -> Gender:
        for model in self._models:
            if isinstance(model.engine.calibration, GenderCalibration):
                return gender_of(self._evidence(model.task), model.engine.calibration)
        return no_gender("not_served")

    def _age(self) -> Age:
        for model in self._models:
            if isinstance(model.engine.calibration, AgeCalibration):
                return age_of(self._evidence(model.task), model.engine.calibration)
        return no_age("not_served")

    def _segments(self) -> list[Segment]:
        cut = self._models[0].engine.cut
        end_seconds = self._samples / cut.features.sample_rate_hz
        for model in self._models:
            calibration, step_seconds = model.engine.calibration, model.engine.cut.step_seconds
            if isinstance(calibration, GenderCalibration):
                evidence, steps = self._evidence(model.task), self._steps[model.task]
                return segments_of(evidence, steps, step_seconds, calibration, end_seconds)
        return [Segment(0.0, round(end_seconds, SECONDS_DECIMALS), no_gender("not_served"))]


def _agreed(gender: Gender, age: Age) -> tuple[Gender, Age]:
    """Take both answers back where one model hears nobody, or several: the other's would be of a sound or a mixture."""
    reason = next((reason for reason in _OF_BOTH if reason in (gender.reason, age.reason)), None)
    if reason is None:
        return gender, age
    return (gender if gender.reason else no_gender(reason)), (age if age.reason else no_age(reason))
