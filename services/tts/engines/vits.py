"""VITS voices on onnxruntime: those of our training, and those of Piper and Coqui, whose exports are alike."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from onnxruntime import RunOptions

from services.tts.engines.vits_graph import telling_durations
from services.tts.engines.voice_session import Values, VoiceSession, levelled, require_speech, sample_rate_of
from services.tts.network import Manner, Sounded, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speech import EngineMember
from shared.problems import ModelCorrupt
from shared.store import LocalModel

_NEEDED: Final = frozenset({"input", "input_lengths", "scales"})
_SPEAKER: Final = "sid"
_RATES: Final = (0.2, 5.0)


class Vits(VoiceNetwork):
    """Sounds differ a little each time, as the network draws them."""

    changes: tuple[EngineMember, ...] = ("rate",)

    def __init__(self, model: LocalModel, threads: int) -> None:
        parameters = VoiceParameters.of(model.manifest)
        self.sample_rate_hz = sample_rate_of(model.manifest)
        self._inference = parameters.inference
        self._session = VoiceSession(model, threads, telling_durations)
        if not _NEEDED <= self._session.inputs <= _NEEDED | {_SPEAKER}:
            raise ModelCorrupt("The voice's network has not the inputs of a VITS export.")
        if _SPEAKER not in self._session.inputs and any(way.speaker for way in model.manifest.voices):
            raise ModelCorrupt("The voice's network has one way of speaking, its manifest more.")
        require_speech(self, parameters, model.manifest)

    def speak(self, ids: Sequence[int], manner: Manner, options: RunOptions | None = None) -> Sounded:
        """Sound the ids of one sequence. Blocks; may be called from several threads at once. Raises EngineFailed."""
        output, *others = self._session.run(self._given(ids, manner), options).values()
        sound = levelled(output)
        seconds = _seconds(others[0], len(ids), len(sound) / self.sample_rate_hz) if others else None
        return Sounded(sound, seconds)

    def _given(self, ids: Sequence[int], manner: Manner) -> dict[str, Values]:
        length_scale = self._inference.length_scale / float(np.clip(manner.rate, *_RATES))
        return {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([self._inference.noise_scale, length_scale, self._inference.noise_w], np.float32),
            _SPEAKER: np.array([manner.speaker or 0], np.int64),
        }


def _seconds(durations: Values, count: int, seconds: float) -> NDArray[np.float64] | None:
    """Return the time of each id: its share of the sound, by its frames. None where they are no frames."""
    frames: NDArray[np.float64] = durations.astype(np.float64).ravel()
    if len(frames) != count or frames.min() < 0 or not frames.sum():
        return None
    shares: NDArray[np.float64] = frames / frames.sum()
    return shares * seconds
