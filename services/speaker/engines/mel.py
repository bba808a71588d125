"""A network on mean mel power, as `training.speaker.import_keras` makes it of a Keras file, on onnxruntime.

It knows neither what speech is nor several voices: a Timbre gender model's graph beside it does.
"""

from typing import Final

import numpy as np

from services.speaker.engine import Heard, SpeakerEngine, Task
from services.speaker.engines.onnx import INPUT, SEVERAL, SPEECH, VOICES, require_heard
from services.speaker.features import Frames
from services.speaker.mel import VoiceAndSound, apart
from services.speaker.parameters import SAMPLE_RATE_HZ, MelParameters, calibration_of, cut_of, mel_of
from shared.onnx_session import FAULTS, open_session
from shared.problems import ModelCorrupt
from shared.store import LocalModel

POWER: Final = "power"
SPEECH_FILE: Final = "speech.onnx"


class Mel(SpeakerEngine):
    """Each window is judged by the mean over its own time, however long the recording is."""

    needs_model = True

    def __init__(self, task: Task, model: LocalModel, threads: int) -> None:
        """Open a model. Raises ModelCorrupt."""
        parameters = MelParameters.of(model.manifest)
        self.calibration = calibration_of(model.manifest, parameters, task)
        self.cut = cut_of(model.manifest, parameters, VoiceAndSound)
        self._mel = mel_of(model.manifest, parameters)
        self.licence, self.noncommercial = model.manifest.licence, model.manifest.noncommercial
        self._output = VOICES[task]
        try:
            self._speech = open_session(model, threads, SPEECH_FILE)
            self._voice = open_session(model, threads)
            require_heard(self)
        except FAULTS as error:
            raise ModelCorrupt("The speaker model does not take what its manifest describes.") from error

    def hear(self, frames: Frames) -> Heard:
        """Judge windows. Blocks; may be called from several threads at once."""
        voices, sounds = apart(frames, self.cut.features.step_samples)
        speech, several = self._speech.run([SPEECH, SEVERAL], {INPUT: voices})
        power = np.stack([self._mel.of(sound, SAMPLE_RATE_HZ) for sound in sounds])
        (voice,) = self._voice.run([self._output], {POWER: power})
        return Heard(speech, several, voice)
