"""DeepSpeech's acoustic model on the TFLite interpreter: sound in, how likely each letter is every 20 ms out.

Windows, context and state are those of Mozilla's client (native_client/deepspeech.cc and modelstate.cc): 32 ms of sound
every 20 ms, nine frames of context on either side, zeros beyond the ends, sixteen steps a call, the state carried on.
The last window, which the sound does not fill, is filled with silence, as by its TensorFlow client.
"""

import threading
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.stt.engines.deepspeech_graph import part_of
from shared.audio.sound import Samples
from shared.problems import ModelCorrupt

Probabilities = NDArray[np.float32]
"""[frames, letters + 1]: how likely each letter is, the last one being CTC's blank."""

_METADATA: Final = ("version", "sample_rate", "feature_win_len", "feature_win_step", "beam_width", "alphabet")
_STATE: Final = ("previous_state_c", "previous_state_h")
_NEW_STATE: Final = ("new_state_c", "new_state_h")
_FAULTS: Final = (ValueError, RuntimeError)
"""How the interpreter says that a model is none, or not this one."""
MIN_VERSION, MOST_RATE_HZ = 6, 48_000


class _Part:
    """One part of the model in one thread."""

    def __init__(self, model: bytes, threads: int) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=threads)
        self._interpreter.allocate_tensors()
        self.inputs: dict[str, Any] = {each["name"]: each for each in self._interpreter.get_input_details()}
        self.outputs: dict[str, Any] = {each["name"]: each for each in self._interpreter.get_output_details()}

    def run(self, **inputs: Samples) -> dict[str, NDArray[Any]]:
        for name, value in inputs.items():
            self._interpreter.set_tensor(self.inputs[name]["index"], value)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(each["index"]) for name, each in self.outputs.items()}


class AcousticModel:
    """The two parts of a file; each thread has interpreters of its own, over the same bytes."""

    def __init__(self, model: bytes, threads: int) -> None:
        """Raises ModelCorrupt for a file that is not of DeepSpeech 0.9."""
        names = [f"metadata_{name}" for name in _METADATA]
        self._features = part_of(model, ["mfccs", *names])
        self._network = part_of(model, ["logits", *_NEW_STATE])
        self._threads = threads
        self._own = threading.local()
        try:
            self._read(*self._parts())
        except (*_FAULTS, KeyError) as error:
            raise ModelCorrupt("The acoustic model is none of DeepSpeech 0.9's.") from error

    def _read(self, features: _Part, network: _Part) -> None:
        """Read what the file says of itself. Raises ValueError, KeyError."""
        said = {name: each.flat[0] for name, each in features.run().items() if name != "mfccs"}
        version, rate_hz, window_ms, step_ms, beam_width = (int(said[f"metadata_{name}"]) for name in _METADATA[:-1])
        self.sample_rate_hz, self.beam_width = rate_hz, beam_width
        self.alphabet = bytes(said["metadata_alphabet"])
        self._step_samples = rate_hz * step_ms // 1000
        self._window_samples = int(features.inputs["input_samples"]["shape"][0])
        _, self._steps, width, self._coefficients = map(int, network.inputs["input_node"]["shape"])
        self._context = width // 2
        self.outputs = int(network.outputs["logits"]["shape"][-1])
        if version < MIN_VERSION or not 0 < rate_hz <= MOST_RATE_HZ or min(self._step_samples, beam_width) < 1:
            raise ValueError("metadata of another kind of model")
        if self._window_samples != rate_hz * window_ms // 1000:
            raise ValueError("windows that are not as long as the metadata say")

    @property
    def step_seconds(self) -> float:
        """Return how far frames are apart."""
        return self._step_samples / self.sample_rate_hz

    def probabilities(self, samples: Samples) -> Iterator[Probabilities]:
        """Yield the letters' probabilities of sound [n], at most as many frames at a time as the network takes."""
        features, network = self._parts()
        frames = np.pad(self._frames(features, samples), ((self._context, self._context), (0, 0)))
        width = 2 * self._context + 1
        windows = sliding_window_view(frames, width, axis=0).transpose(0, 2, 1)
        state = {name: np.zeros(network.inputs[name]["shape"], np.float32) for name in _STATE}
        for start in range(0, len(windows), self._steps):
            fresh = windows[start : start + self._steps]
            batch = np.zeros((1, self._steps, width, self._coefficients), np.float32)
            batch[0, : len(fresh)] = fresh
            said = network.run(input_node=batch, **state)
            state = {name: said[after] for name, after in zip(_STATE, _NEW_STATE, strict=True)}
            yield said["logits"].reshape(self._steps, self.outputs)[: len(fresh)]

    def _frames(self, features: _Part, samples: Samples) -> NDArray[np.float32]:
        whole = max(0, (len(samples) - self._window_samples) // self._step_samples + 1)
        padded = np.zeros(whole * self._step_samples + self._window_samples, np.float32)
        padded[: len(samples)] = samples
        windows = sliding_window_view(padded, self._window_samples)[:: self._step_samples]
        return np.concatenate([features.run(input_samples=window)["mfccs"] for window in windows])

    def _parts(self) -> tuple[_Part, _Part]:
        """Return this thread's interpreters."""
        if not hasattr(self._own, "parts"):
            self._own.parts = _Part(self._features, self._threads), _Part(self._network, self._threads)
        parts: tuple[_Part, _Part] = self._own.parts
        return parts
