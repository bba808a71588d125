"""Voices whose network gives the parameters of the WORLD vocoder, which makes the sound of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from onnxruntime import RunOptions

from services.tts.engines.voice_session import Values, VoiceSession, levelled, require_speech, sample_rate_of
from services.tts.network import Manner, Sounded, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speech import EngineMember
from services.tts.styles.world import decoded_sound, pyworld
from shared.problems import EngineFailed, ModelCorrupt
from shared.store import LocalModel

_INPUTS: Final = frozenset({"input", "style", "prosody"})
_CURVES: Final = ("f0_hz", "spectrum", "aperiodicity")
_OUTPUTS: Final = {"durations", *_CURVES}
_FACTORS: Final = ((0.2, 5.0), (0.33, 3.0), (0.0, 3.0))
"""Of rate, pitch and pitch range."""
_F0_LIMITS_HZ: Final = (40.0, 1_000.0)
_APERIODICITY_LIMITS_DB: Final = (-60.0, 0.0)
_DIMENSIONS: Final = 60
"""Of the coded spectral envelope."""
_MOST_SECONDS_OF_ID: Final = 2.0
"""On the mean. The vocoder needs hundreds of times the memory of what it is given."""


@dataclass(frozen=True, slots=True)
class _Frames:
    """F0 (frames,), 0 where unvoiced; coded spectrum (frames, dimensions) and aperiodicity (frames, bands)."""

    f0_hz: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    aperiodicity: NDArray[np.float64]


class World(VoiceNetwork):
    """Speaks the same words always in the same way."""

    changes: tuple[EngineMember, ...] = ("rate", "pitch", "pitch_range")

    def __init__(self, model: LocalModel, threads: int) -> None:
        parameters = VoiceParameters.of(model.manifest)
        self.sample_rate_hz = sample_rate_of(model.manifest)
        self._bands = pyworld.get_num_aperiodicities(self.sample_rate_hz)
        if parameters.hop_seconds is None or not self._bands:
            raise ModelCorrupt("A voice of the vocoder needs hop_seconds, and 16,000 samples a second or more.")
        self._hop_seconds = parameters.hop_seconds
        self._session = VoiceSession(model, threads)
        if self._session.inputs != _INPUTS or set(self._session.outputs) != _OUTPUTS:
            raise ModelCorrupt("The voice's network has not the inputs and outputs of a voice of the vocoder.")
        require_speech(self, parameters, model.manifest)

    def speak(self, ids: Sequence[int], manner: Manner, options: RunOptions | None = None) -> Sounded:
        """Sound the ids of one sequence. Blocks; may be called from several threads at once. Raises EngineFailed."""
        factors = (manner.rate, manner.pitch, manner.pitch_range)
        given: dict[str, Values] = {
            "input": np.array([ids], np.int64),
            "style": np.array([manner.speaker or 0], np.int64),
            "prosody": np.array([np.clip(one, *limits) for one, limits in zip(factors, _FACTORS, strict=True)], "f4"),
        }
        outputs = self._session.run(given, options)
        frames = self._frames(outputs, len(ids))
        return Sounded(self._sound(frames), outputs["durations"].ravel() * self._hop_seconds)

    def _frames(self, outputs: dict[str, Values], ids: int) -> _Frames:
        """Return frames that the vocoder can be given: it checks nothing. Raises EngineFailed."""
        durations = outputs["durations"]
        shapes = [durations.shape, *(outputs[name].shape for name in _CURVES)]
        count = int(durations.sum())
        if shapes != [(1, ids), (1, count), (1, count, _DIMENSIONS), (1, count, self._bands)] or durations.min() < 0:
            raise EngineFailed("The voice's network gave frames of other shapes than it should.")
        if count * self._hop_seconds > _MOST_SECONDS_OF_ID * ids:
            raise EngineFailed("The voice's network made the words far too long.")
        f0_hz, spectrum, aperiodicity = (np.ascontiguousarray(outputs[name][0], np.float64) for name in _CURVES)
        voiced = np.where(f0_hz > 0, np.clip(f0_hz, *_F0_LIMITS_HZ), 0.0)
        return _Frames(voiced, spectrum, np.clip(aperiodicity, *_APERIODICITY_LIMITS_DB))

    def _sound(self, frames: _Frames) -> NDArray[np.float32]:
        if not len(frames.f0_hz):
            return np.zeros(0, np.float32)
        rate, hop_seconds = self.sample_rate_hz, self._hop_seconds
        sound = decoded_sound(frames.f0_hz, frames.spectrum, frames.aperiodicity, rate, hop_seconds)
        return levelled(sound[: round(len(frames.f0_hz) * hop_seconds * rate)])
