"""What the networks of all trained voices have in common: how they are opened, asked and tried."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnxruntime import RunOptions

from services.tts.network import TASK, Manner, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speech import Samples
from shared.onnx_session import FAULTS, open_session
from shared.problems import EngineFailed, ModelCorrupt
from shared.store import LocalModel, Manifest

Values = NDArray[Any]
SAMPLE_RATES_HZ: Final = range(8_000, 48_001)
_TYPES: Final = frozenset({"tensor(float)", "tensor(double)", "tensor(int64)"})
_COMMON_LETTERS: Final = "aeinost"


class VoiceSession:
    """A graph that is given what it knows of its inputs, and whose answers are finite."""

    def __init__(self, model: LocalModel, threads: int, edited: Callable[[bytes], bytes] = bytes) -> None:
        """Open a graph, or what `edited` makes of it. Raises ModelCorrupt."""
        try:
            self._session = open_session(model, threads, edited=edited)
        except FAULTS as error:
            raise ModelCorrupt("The voice's network cannot be opened.") from error
        self.inputs = frozenset(given.name for given in self._session.get_inputs())
        self.outputs = [output.name for output in self._session.get_outputs()]
        if not self.outputs or not _TYPES.issuperset(output.type for output in self._session.get_outputs()):
            raise ModelCorrupt("The voice's network gives something else than numbers.")

    def run(self, given: Mapping[str, Values], options: RunOptions | None = None) -> dict[str, Values]:
        """Return the outputs by name, in the graph's order. Raises EngineFailed, when `options` end it too."""
        known = {name: value for name, value in given.items() if name in self.inputs}
        try:
            values = self._session.run(None, known, options)
        except FAULTS as error:
            raise EngineFailed("The voice's network failed.") from error
        if not all(np.isfinite(value).all() for value in values):
            raise EngineFailed("The voice's network gave what is no number.")
        return dict(zip(self.outputs, values, strict=True))


def sample_rate_of(manifest: Manifest) -> int:
    """Return how many samples a second a voice has. Raises ModelCorrupt, for a model of another task too."""
    if manifest.task != TASK:
        raise ModelCorrupt(f"Model {manifest.name} is for the task {manifest.task}, not for {TASK}.")
    rate_hz = manifest.sample_rate_hz
    if rate_hz is None or rate_hz not in SAMPLE_RATES_HZ:
        raise ModelCorrupt(f"The manifest of model {manifest.name} has no usable sample rate.")
    return rate_hz


def require_speech(network: VoiceNetwork, parameters: VoiceParameters, manifest: Manifest) -> None:
    """Have letters and the last symbol spoken, in the last way of speaking: a graph that has less of them fails.

    Raises ModelCorrupt.
    """
    speaker = max((way.speaker or 0 for way in manifest.voices), default=0)
    require_sound(network, parameters, speaker)


def require_sound(network: VoiceNetwork, parameters: VoiceParameters, speaker: int) -> None:
    """Have letters and the last symbol spoken by one speaker. Raises ModelCorrupt."""
    symbols = parameters.front_end.symbols
    common = [id for letter in _COMMON_LETTERS for id in symbols.get(letter, [])]
    ids = [*common, max(id for ids in symbols.values() for id in ids)]
    try:
        network.speak(ids, Manner(speaker=speaker))
    except EngineFailed as error:
        raise ModelCorrupt("The voice's network does not speak what its manifest describes.") from error


def levelled(sound: NDArray[np.floating[Any]]) -> Samples:
    """Return sound, of any shape, as float32 (n,) that does not go beyond -1 and 1. Raises EngineFailed."""
    peak = float(np.abs(sound).max(initial=1.0))
    if not np.isfinite(peak):
        raise EngineFailed("The voice's network gave what is no sound.")
    return (sound / peak).astype(np.float32).ravel()
