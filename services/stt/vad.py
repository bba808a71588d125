"""Voice activity detection: how likely each 32 ms of a sound are speech (Silero's network, as faster-whisper ships it).

One network serves all streams; what it remembers of a stream is the stream's own.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from shared.audio.sound import Samples

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES = 512
_CONTEXT_SAMPLES = 64
"""How much of the frame before it the network is shown with each."""
_MOST_FRAMES = 256
"""Frames of one run: more are no quicker, and hold more memory."""

Probabilities = NDArray[np.float32]


class Detector(Protocol):
    """Hears one stream of sound at `SAMPLE_RATE_HZ`, in frames of `FRAME_SAMPLES`."""

    def feed(self, samples: Samples) -> Probabilities:
        """Take the next sound, float32 (n,); return how likely each frame that it completes is speech, 0 to 1."""

    def finish(self) -> Probabilities:
        """Return the same of the last frame, where sound of less than a frame is left; silence fills it up."""


class Silero:
    """Silero's network at one stream; what comes out does not depend on how the sound is cut into pieces."""

    def __init__(self) -> None:
        self._network = _network()
        self._memory: tuple[Samples, Samples] = (np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32))
        self._context: Samples = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._rest: Samples = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> Probabilities:
        """Take sound; return the probabilities of the frames that are whole by now."""
        samples = np.concatenate([self._rest, samples])
        whole_samples = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = samples[whole_samples:]
        frames = samples[:whole_samples].reshape(-1, FRAME_SAMPLES)
        runs = [self._run(frames[start : start + _MOST_FRAMES]) for start in range(0, len(frames), _MOST_FRAMES)]
        return np.concatenate([np.zeros(0, np.float32), *runs])

    def finish(self) -> Probabilities:
        """Return the probability of the frame that is not whole, if there is one."""
        return self.feed(np.zeros(-len(self._rest) % FRAME_SAMPLES, np.float32))

    def _run(self, frames: Samples) -> Probabilities:
        contexts = np.concatenate([self._context[None], frames[:-1, -_CONTEXT_SAMPLES:]])
        self._context = frames[-1, -_CONTEXT_SAMPLES:].copy()
        hidden, cell = self._memory
        probabilities, *memory = self._network.run(
            ("speech_probs", "hn", "cn"), {"input": np.concatenate([contexts, frames], 1), "h": hidden, "c": cell}
        )
        self._memory = (memory[0], memory[1])
        found: Probabilities = probabilities.reshape(-1)
        return found


@cache
def _network() -> Any:
    """Return the network, which holds no stream's state; several threads may run it at once."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return ort.InferenceSession(_file(), options, providers=["CPUExecutionProvider"])


def _file() -> Path:
    # Found and not imported: the package would bring its own engine's libraries along.
    package = find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise LookupError(
            "Speech-to-text needs the package faster-whisper, which carries the network that hears speech."
        )
    return Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
