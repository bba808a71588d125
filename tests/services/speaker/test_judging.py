"""Two models that disagree on whether anybody speaks, or several, tell nothing of either."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from services.speaker.calibration import AgeCalibration, GenderCalibration
from services.speaker.engine import Heard
from services.speaker.features import Frames, VoiceFeatures
from services.speaker.judging import Judging, Model
from services.speaker.windows import Cut

YEARS = (20, 60)
GENDER = GenderCalibration(0.5, 0.5, 1.0, 0.6, 0.9, 0.1)
AGE = AgeCalibration(2.0, 0.5, 1.0, YEARS, 0.0, 120.0)


def model(task: str, calibration: Any) -> Model:
    engine: Any = SimpleNamespace(
        cut=Cut(VoiceFeatures(), 160), calibration=calibration, licence="MIT", noncommercial=False
    )
    return Model(f"{task}/1", task, engine)


def told(speech: dict[str, float], several: dict[str, float], seconds: float = 5.12) -> tuple[str | None, str | None]:
    """Return the reasons why gender and age are not told of noise in which each model hears these things."""

    def hear(model: Model, frames: Frames) -> Heard:
        windows = len(frames)
        likely = np.full((windows, YEARS[1] - YEARS[0] + 1), 1 / (YEARS[1] - YEARS[0] + 1), np.float32)
        voice = likely if model.task == "age" else np.full(windows, 5.0, np.float32)
        heard = np.full((windows, 80), speech[model.task], np.float32)
        return Heard(heard, np.full(windows, several[model.task], np.float32), voice)

    judging = Judging([model("gender", GENDER), model("age", AGE)], hear)
    noise = np.random.default_rng(0).normal(0, 0.1, int(seconds * 16_000)).astype(np.float32)
    for _ in judging.feed(noise):
        pass
    answer = judging.finish(segments=False)
    return answer.gender.reason, answer.age.reason


ALONE = {"gender": 0.1, "age": 0.1}
SPEAKS = {"gender": 0.9, "age": 0.9}


def test_what_both_hear_is_told() -> None:
    assert told(SPEAKS, ALONE) == (None, None)


@pytest.mark.parametrize("task", ["gender", "age"])
def test_where_one_hears_nobody_nothing_is_told(task: str) -> None:
    assert told(SPEAKS | {task: 0.1}, ALONE) == ("no_speech", "no_speech")


@pytest.mark.parametrize("task", ["gender", "age"])
def test_where_one_hears_several_nothing_is_told(task: str) -> None:
    assert told(SPEAKS, ALONE | {task: 0.9}) == ("several_voices", "several_voices")


def test_how_much_speech_is_needed_each_knows_for_itself() -> None:
    assert told(SPEAKS, ALONE, seconds=1.5) == (None, "too_little_speech")
