"""From a spectrogram to sound: by the vocoder in the model's folder, else by Griffin and Lim's method."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from TTS.utils.audio import AudioProcessor
from TTS.vocoder.configs import HifiganConfig
from TTS.vocoder.models.gan import GAN
from TTS.vocoder.utils.generic_utils import interpolate_vocoder_input

from services.tts.coqui.config import read_config
from services.tts.coqui.statistics import scale
from services.tts.coqui.weights import WithoutMemory, weights_in
from shared.problems import InvalidInput

FOLDER: Final = "vocoder"
_USED: Final = ("generator_model", "generator_model_params", "audio")
_GENERATOR: Final = "model_g."
_BAD: Final = (RuntimeError, TypeError, KeyError, ValueError, AttributeError, AssertionError, UserWarning, IndexError)

Spectrogram = NDArray[np.float32]
"""Of a network, scaled as it was in training, (frames, mels)."""


class Vocoder(Protocol):
    """Makes the sound of spectrograms."""

    @property
    def sample_rate_hz(self) -> int:
        """Of the sound."""

    def sound(self, spectrogram: Spectrogram) -> NDArray[np.floating[Any]]:
        """Return samples, of any shape. Blocks."""


@dataclass(frozen=True, slots=True)
class GriffinLim:
    """Needs no network, and sounds hollow."""

    audio: Any
    sample_rate_hz: int

    def sound(self, spectrogram: Spectrogram) -> NDArray[np.floating[Any]]:
        """Return samples, (n,). Blocks."""
        sound: NDArray[np.floating[Any]] = self.audio.inv_melspectrogram(spectrogram.T)
        return sound


@dataclass(frozen=True, slots=True)
class Generator:
    """HiFi-GAN, trained on spectrograms of its own scale and rate."""

    audio: Any
    """Of the network that gives the spectrograms."""
    own_audio: Any
    network: Any
    sample_rate_hz: int

    def sound(self, spectrogram: Spectrogram) -> NDArray[np.floating[Any]]:
        """Return samples, (1, 1, n). Blocks."""
        scaled = self.own_audio.normalize(self.audio.denormalize(spectrogram.T))
        longer = self.sample_rate_hz / self.audio.sample_rate
        given = torch.tensor(scaled)[None] if longer == 1 else interpolate_vocoder_input([1, longer], scaled)
        sound: NDArray[np.floating[Any]] = self.network.inference(given.float()).cpu().numpy()
        return sound


def vocoder_of(folder: Path, audio: Any) -> Vocoder:
    """Return what makes sound of the spectrograms that `audio` (Coqui's) scales. Raises InvalidInput."""
    if not (folder / FOLDER).is_dir():
        return GriffinLim(audio, audio.sample_rate)
    told = read_config(folder / FOLDER)
    config = _settled(told)
    own_audio = AudioProcessor(config.audio)
    scale(own_audio, told, folder / FOLDER)
    return Generator(audio, own_audio, _network(config, folder / FOLDER), config.audio.sample_rate)


def _settled(told: dict[str, Any]) -> HifiganConfig:
    if told.get("generator_model") != "hifigan_generator":
        raise InvalidInput("Its vocoder is none that is known: only hifigan_generator is.")
    config = HifiganConfig()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            config.from_dict({name: told[name] for name in _USED if name in told})
    except _BAD as error:
        raise InvalidInput("The configuration of its vocoder is none that Coqui's HiFi-GAN has.") from error
    config.audio.stats_path = None
    return config


def _network(config: HifiganConfig, folder: Path) -> Any:
    weights = weights_in(folder)
    own = {name.removeprefix(_GENERATOR): each for name, each in weights.items() if name.startswith(_GENERATOR)}
    try:
        with WithoutMemory():
            network = GAN(config).model_g
        network.load_state_dict(own or weights, assign=True)
        network.float().eval().remove_weight_norm()
    except _BAD as error:
        raise InvalidInput("The weights of its vocoder are not those that its configuration describes.") from error
    return network
