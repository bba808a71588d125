"""An exported speaker model on onnxruntime, without the framework that trained it."""

from typing import Final

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

from services.speaker.calibration import AgeCalibration
from services.speaker.engine import Heard, SpeakerEngine, Task
from services.speaker.features import Frames, VoiceFeatures
from services.speaker.parameters import SpeakerParameters, calibration_of, cut_of
from shared.problems import ModelCorrupt
from shared.store import LocalModel

INPUT: Final = "frames"
SPEECH, SEVERAL = "speech", "several"
VOICES: Final[dict[Task, str]] = {"speaker-gender": "gender", "speaker-age": "age"}
FAULTS = (
    *(state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented),
    *(state.RuntimeException, ValueError),
)
"""How onnxruntime says that a model is none, or not this one; ValueError for inputs that it does not have."""


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
            self._session = session_of(model, "model.onnx", threads)
            require_heard(self)
        except FAULTS as error:
            raise ModelCorrupt("The speaker model does not take the frames that its manifest describes.") from error

    def hear(self, frames: Frames) -> Heard:
        """Judge windows. Blocks; may be called from several threads at once."""
        return Heard(*self._session.run(self._outputs, {INPUT: frames}))


def session_of(model: LocalModel, file: str, threads: int) -> onnxruntime.InferenceSession:
    """Open a graph of a model. Raises ModelCorrupt, and FAULTS."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait would take the cores from the other slots.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # From bytes: the store has seen that they refer to no other file.
    graph = model.file(file).read_bytes()
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


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
