"""What the network of a trained voice is asked for and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from onnxruntime import RunOptions

from services.tts.speech import EngineMember, Samples

TASK: Final = "speech-synthesis"
"""Of the models of voices, in their manifests."""

NETWORKS = {
    "vits": "services.tts.engines.vits:Vits",
    "piper": "services.tts.engines.vits:Vits",
    "world": "services.tts.engines.world:World",
}
"""Engine of a model's manifest -> module:class. Each class takes `model: LocalModel` and `threads: int`."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an utterance is asked for: by whom, and factors on their own manner."""

    speaker: int | None = None
    """The index of one way of speaking, as the manifest's `voices` tell it; None for a network that has only one."""
    rate: float = 1.0
    pitch: float = 1.0
    pitch_range: float = 1.0


class Sounded(NamedTuple):
    """Sound, float32 (n,) from -1 to 1, and how long each id lasts, (ids,), if the network tells."""

    samples: Samples
    seconds_of_ids: NDArray[np.float64] | None


class VoiceNetwork(Protocol):
    """One opened model of a voice; made with `model: LocalModel` and `threads: int`, which raises ModelCorrupt."""

    sample_rate_hz: int
    changes: tuple[EngineMember, ...]
    """Which factors of a manner the network makes itself; it takes no notice of the others."""

    def speak(self, ids: Sequence[int], manner: Manner, options: RunOptions | None = None) -> Sounded:
        """Sound the ids of one sequence. Blocks; may be called from several threads at once.

        Raises EngineFailed, soon after another thread has set `options.terminate` too.
        """
