"""What an engine that knows voices is: windows of sound in, what is heard in each out (docs/adr/0010)."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from services.speaker.calibration import Calibration
from services.speaker.features import Frames
from services.speaker.windows import Cut

Task = Literal["speaker-gender", "speaker-age"]

MODEL_ENGINES = {
    "onnx": "services.speaker.engines.onnx:Onnx",
    "mel": "services.speaker.engines.mel:Mel",
}
"""By the name in a model's manifest."""
ENGINES = {
    "onnx": MODEL_ENGINES["onnx"],
    "fake": "services.speaker.engines.fake:Fake",
    "fake-slow": "services.speaker.engines.fake:Slow",
    "fake-failing": "services.speaker.engines.fake:Failing",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in n windows. Nothing in it tells who speaks."""

    speech: NDArray[np.float32]
    """[n, steps]: how likely each step of a window is speech."""
    several: NDArray[np.float32]
    """[n]: how likely more than one person speaks at once."""
    voice: NDArray[np.float32]
    """[n]: logit of a female voice; or, of an engine for age, [n, years]: how likely each year is, rows sum to one."""


class SpeakerEngine(Protocol):
    """Hears gender or age. Stateless between calls, and called from several threads at once."""

    cut: Cut
    """How it wants sound cut."""
    calibration: Calibration
    """What its answers are worth; the kind tells its task."""
    licence: str
    noncommercial: bool

    @abstractmethod
    def hear(self, frames: Frames) -> Heard:
        """Judge windows, float32 (n, window_frames, bins) as `cut` makes them. Blocks. Raises EngineFailed."""
