"""An exported speaker model on onnxruntime, without the framework that trained it."""

from typing import Final

import numpy as np

from services.speaker.calibration import AgeCalibration
from services.speaker.engine import Heard, SpeakerEngine, Task
from services.speaker.features import Frames, VoiceFeatures
from services.speaker.parameters import SpeakerParameters, calibration_of, cut_of
from shared.onnx_session import FAULTS, open_session
from shared.problems import ModelCorrupt
from shared.store import LocalModel

INPUT: Final = "frames"
SPEECH, SEVERAL = "speech", "several"
VOICES: Final[dict[Task, str]] = {"speaker-gender": "gender", "speaker-age": "age"}


class Onnx(SpeakerEngine):
    """Frames are standardised by the model itself."""

    needs_model = True

    def __init__(self, task: Task, model: LocalModel, threads: int) -> None:
        """Open a model. Raises ModelCorrupt."""
        parameters = SpeakerParameters.of(model.manifest)
        self.calibration = calibration_of(model.manifest, parameters, task)
        self.cut = cut_of(model.manifest, parameters, VoiceFeatures)
        self.licence, self.noncommercial = model.manifest.licence, model.manifest.noncommercial
        self._outputs = [SPEECH, SEVERAL, VOICES[task]]
        try:
            self._session = open_session(model, threads)
            require_heard(self)
        except FAULTS as error:
            raise ModelCorrupt("The speaker model does not take the frames that its manifest describes.") from error

    def hear(self, frames: Frames) -> Heard:
        """Judge windows. Blocks; may be called from several threads at once."""
        return Heard(*self._session.run(self._outputs, {INPUT: frames}))


def require_heard(engine: SpeakerEngine) -> None:
    """Have two windows of silence judged. Raises ModelCorrupt for answers of another shape than they should have."""
    cut = engine.cut
    frames = cut.features.frames(np.zeros(cut.window_samples, np.float32))
    heard = engine.hear(np.stack([frames, frames]))
    shapes = [heard.speech.shape, heard.several.shape, heard.voice.shape]
    if shapes != [(2, cut.steps), (2,), (2, *_voice_shape(engine))]:
        raise ModelCorrupt("The speaker model's outputs have other shapes than its manifest says.")
    if not all(np.isfinite(values).all() for values in (heard.speech, heard.several, heard.voice)):
        raise ModelCorrupt("The speaker model's outputs are not finite.")


def _voice_shape(engine: SpeakerEngine) -> tuple[int, ...]:
    if not isinstance(engine.calibration, AgeCalibration):
        return ()
    first, last = engine.calibration.years
    return (last - first + 1,)
