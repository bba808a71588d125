"""A network that Coqui trained, asked as all trained voices here are."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime import RunOptions

from services.tts.coqui.model import CoquiModel
from services.tts.coqui.vocoder import vocoder_of
from services.tts.engines.voice_session import SAMPLE_RATES_HZ, levelled
from services.tts.network import Manner, Sounded, VoiceNetwork
from services.tts.speech import EngineMember, Samples
from services.tts.timing import shares
from shared.problems import EngineFailed, ModelCorrupt

_RATES: Final = (0.2, 5.0)
_LENGTH: Final = "length_scale"
_MOST_STEPS: Final = 2_000
"""Of a decoder that does not find the end; 46 seconds of Tacotron's frames."""
_FAULTS: Final = (RuntimeError, ValueError, TypeError, IndexError, KeyError, AssertionError, MemoryError)


class CoquiNetwork(VoiceNetwork):
    """One utterance at a time: how long its sounds last is a property of the network, and some remember more."""

    def __init__(self, model: CoquiModel, folder: Path) -> None:
        """Raise ModelCorrupt for a rate that nobody plays, InvalidInput for what the folder's vocoder is not."""
        self._network, self._gives_sound = model.network, model.family.gives_sound
        self._vocoder = None if self._gives_sound else vocoder_of(folder, model.network.ap)
        self.sample_rate_hz = self._vocoder.sample_rate_hz if self._vocoder else model.sample_rate_hz
        if self.sample_rate_hz not in SAMPLE_RATES_HZ:
            raise ModelCorrupt("The model's configuration has no usable sample rate.")
        self._length_scale = float(getattr(model.network, _LENGTH, 0))
        self.changes: tuple[EngineMember, ...] = ("rate",) if self._length_scale else ()
        self._turn = threading.Lock()
        if hasattr(getattr(model.network, "decoder", None), "max_decoder_steps"):
            model.network.decoder.max_decoder_steps = _MOST_STEPS

    def speak(self, ids: Sequence[int], manner: Manner, options: RunOptions | None = None) -> Sounded:
        """Sound the ids of one sequence. Blocks; may be called from several threads at once. Raises EngineFailed."""
        try:
            with self._turn, torch.inference_mode():
                require_wanted(options)
                said = self._said(ids, manner)
                sound = self._sound(said["model_outputs"])
        except _FAULTS as error:
            raise EngineFailed("The voice's network failed.") from error
        return Sounded(sound, shares(_frames(said), len(ids), len(sound) / self.sample_rate_hz))

    def _said(self, ids: Sequence[int], manner: Manner) -> dict[str, Any]:
        if self._length_scale:
            setattr(self._network, _LENGTH, self._length_scale / float(np.clip(manner.rate, *_RATES)))
        speaker = None if manner.speaker is None else torch.tensor([manner.speaker])
        asked = {"x_lengths": torch.tensor([len(ids)]), "speaker_ids": speaker, "d_vectors": None}
        said: dict[str, Any] = self._network.inference(torch.tensor([list(ids)]), asked)
        return said

    def _sound(self, output: torch.Tensor) -> Samples:
        told = output[0].float().cpu().numpy()
        return levelled(self._vocoder.sound(told) if self._vocoder else told)


def _frames(said: dict[str, Any]) -> NDArray[np.float64]:
    """Return how many frames each id lasts, (ids,): as it is told, or as each frame looks at the ids."""
    told = said.get("durations")
    frames = said["alignments"].sum(1) if told is None else told
    asked: NDArray[np.float64] = frames.cpu().numpy().astype(np.float64).ravel()
    return asked


def require_wanted(options: RunOptions | None) -> None:
    """Raise EngineFailed for work that nobody waits for any more: torch's, once begun, goes on to its end."""
    if options is not None and options.terminate:
        raise EngineFailed("Nobody waits for this sentence any more.")
