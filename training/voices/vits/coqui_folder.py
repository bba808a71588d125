"""A VITS that Coqui trained, as a folder holds it: config.json, and weights in a .pth file, of which no code runs."""

import json
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from pydantic import ValidationError
from torch.overrides import TorchFunctionMode
from TTS.tts.configs.vits_config import VitsConfig
from TTS.tts.models.vits import Vits, VitsCharacters
from TTS.tts.utils.text.characters import BaseCharacters, Graphemes, IPAPhonemes

from services.tts.front_end import FrontEnd
from services.tts.parameters import Inference, VoiceParameters
from shared.problems import InvalidInput
from shared.store.manifest import summary

_CONFIG, _MOST_CONFIG_BYTES = "config.json", 1 << 22
_WEIGHTS: Final = ("model.pth", "model_file.pth", "best_model.pth")
_SPEAKERS: Final = "emb_g.weight"
_NAMES_OF_SPEAKERS: Final = ("speakers.json", "speaker_ids.json", "speakers.pth")
_TRAINING_ONLY: Final = ("disc.", "speaker_encoder.")
_CHARACTERS: Final[dict[str, type[BaseCharacters]]] = {
    "TTS.tts.models.vits.VitsCharacters": VitsCharacters,
    "TTS.tts.utils.text.characters.Graphemes": Graphemes,
    "TTS.tts.utils.text.characters.IPAPhonemes": IPAPhonemes,
}
_REFUSED: Final = {
    "use_d_vector_file": "It speaks as a vector of a speaker tells, which nothing here makes.",
    "use_language_embedding": "It speaks several languages, and has to be told which.",
}
_USED: Final = (
    *("model_args", "audio", "characters", "speakers", "use_speaker_embedding", *_REFUSED),
    *("use_phonemes", "phonemizer", "phoneme_language", "add_blank", "enable_eos_bos_chars"),
)
"""What is read of a configuration; the rest is for training."""
_FILLED: Final = (torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn)


class CoquiVoice(NamedTuple):
    """A network that speaks, and how it is asked; the index of each speaker by name: none where there is only one."""

    network: Vits
    sample_rate_hz: int
    parameters: VoiceParameters
    speakers: dict[str, int]


class _WithoutMemory(TorchFunctionMode):
    """Makes weights that have a shape alone, so a configuration cannot ask for more memory than its file's weights."""

    def __torch_function__(self, made: Any, _: Any, given: Any = (), named: Any = None) -> Any:
        elsewhere = {"device": "meta"} if made in _FILLED else {}
        return made(*given, **{**(named or {}), **elsewhere})


class _Speaker(Vits):
    tokenizer = None


def read_coqui(folder: Path) -> CoquiVoice:
    """Read a folder. Raises InvalidInput, which says what of it cannot be used here."""
    told = _config(folder / _CONFIG)
    config = _settled(told)
    weights = _weights(_file_of_weights(folder))
    names = _speakers(folder, config, weights)
    config.speakers = config.model_args.speakers = names
    return CoquiVoice(
        _network(config, weights),
        config.audio.sample_rate,
        _parameters(config),
        {name: index for index, name in enumerate(names)} if len(names) > 1 else {},
    )


def _config(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_MOST_CONFIG_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"There is no {_CONFIG} in the folder that can be read.") from error
    if not isinstance(told, dict) or told.get("model") != "vits":
        raise InvalidInput("Its configuration is of another network than VITS; others cannot be imported.")
    return told


def _settled(told: dict[str, Any]) -> VitsConfig:
    """Return the configuration without what is for training, and what would make Coqui open further files."""
    config = VitsConfig()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Coqui would take a default in place of what it does not understand
            config.from_dict({name: told[name] for name in _USED if told.get(name) is not None})
        for name, why in _REFUSED.items():
            if config.get(name) or config.model_args.get(name):
                raise InvalidInput(why)
        for part in (config, config.model_args):
            part.speakers_file = None
        config.model_args.speaker_encoder_model_path = config.model_args.speaker_encoder_config_path = ""
        config.model_args.use_speaker_encoder_as_loss = config.model_args.init_discriminator = False
    except (TypeError, KeyError, ValueError, AttributeError, AssertionError, UserWarning) as error:
        raise InvalidInput("Its configuration is none that Coqui's VITS has.") from error
    return config


def _file_of_weights(folder: Path) -> Path:
    known = [folder / name for name in _WEIGHTS if (folder / name).is_file()]
    found = known or [path for path in folder.glob("*.pth") if path.name not in _NAMES_OF_SPEAKERS]
    if len(found) != 1 and not known:
        raise InvalidInput(f"There are {len(found)} files of weights; leave one there, named {_WEIGHTS[0]}.")
    return found[0]


def _weights(path: Path) -> dict[str, torch.Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it refuses anyway
            loaded = torch.load(path, weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, ValueError, TypeError, OSError, EOFError, KeyError) as error:
        raise InvalidInput("Its file of weights is damaged, or holds more than weights, which may be code.") from error
    weights = loaded.get("model", loaded) if isinstance(loaded, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise InvalidInput("Its file of weights holds no network.")
    return {name: value for name, value in weights.items() if not str(name).startswith(_TRAINING_ONLY)}


def _network(config: VitsConfig, weights: Mapping[str, torch.Tensor]) -> Vits:
    try:
        with _WithoutMemory():
            network = _Speaker(config)
        network.load_state_dict(weights, assign=True)
    except (RuntimeError, TypeError, ValueError, KeyError, AttributeError, AssertionError, IndexError) as error:
        raise InvalidInput("Its weights are not those of the network that its configuration describes.") from error
    return network.float().eval()


def _speakers(folder: Path, config: VitsConfig, weights: Mapping[str, torch.Tensor]) -> list[str]:
    """Return the speakers' names in the order of their indexes; numbers where nothing tells them."""
    if _SPEAKERS not in weights:
        return []
    count = len(weights[_SPEAKERS])
    names = list(config.speakers) or _named(folder, count)
    return [str(name) for name in names] if len(names) == count else [str(index) for index in range(count)]


def _named(folder: Path, count: int) -> list[str]:
    for name in _NAMES_OF_SPEAKERS:
        if (folder / name).is_file():
            indexes = _read_names(folder / name)
            if sorted(indexes.values()) == list(range(count)):
                return sorted(indexes, key=lambda each: indexes[each])
    return []


def _read_names(path: Path) -> dict[str, int]:
    try:
        told = torch.load(path, weights_only=True) if path.suffix == ".pth" else json.loads(path.read_bytes())
    except (pickle.UnpicklingError, RuntimeError, ValueError, OSError, EOFError) as error:
        raise InvalidInput(f"{path.name} cannot be read.") from error
    rows = told.items() if isinstance(told, dict) else ()
    return {str(name): index for name, index in rows if isinstance(index, int)}


def _parameters(config: VitsConfig) -> VoiceParameters:
    inner = config.model_args
    frames_hz = inner.encoder_sample_rate or config.audio.sample_rate
    try:
        return VoiceParameters(
            front_end=_front_end(config),
            hop_seconds=config.audio.hop_length / frames_hz,
            inference=Inference(
                noise_scale=float(inner.inference_noise_scale),
                length_scale=float(inner.length_scale),
                noise_w=float(inner.inference_noise_scale_dp),
            ),
        )
    except (ValidationError, TypeError, ZeroDivisionError) as error:
        reason = summary(error) if isinstance(error, ValidationError) else "numbers are missing"
        raise InvalidInput(f"Its configuration cannot be used here: {reason}.") from error


def _front_end(config: VitsConfig) -> FrontEnd:
    """Return Coqui's layout as a front end: blanks first, then what starts and ends the whole."""
    characters = _characters(config)
    if config.add_blank and not characters.blank:
        raise InvalidInput("Its symbols are parted by a blank, and it names none.")
    has_frame = bool(config.enable_eos_bos_chars)
    return FrontEnd(
        phonemizer=_phonemizer(config),
        language=(config.phoneme_language or "en-us").lower(),
        symbols={symbol: [id] for id, symbol in enumerate(characters.vocab)},
        blank=characters.blank if config.add_blank else None,
        blank_ends=bool(config.add_blank and not has_frame),
        start=characters.bos if has_frame else None,
        end=characters.eos if has_frame else None,
    )


def _phonemizer(config: VitsConfig) -> Any:
    if not config.use_phonemes:
        return "characters"
    if config.phonemizer != "espeak":
        name = str(config.phonemizer)[:40]
        raise InvalidInput(f"Its sounds are told by {name}; only those of espeak-ng, and letters, are known here.")
    return "espeak"


def _characters(config: VitsConfig) -> BaseCharacters:
    told = config.characters
    name = str(told.characters_class) if told is not None and told.characters_class else ""
    if told is not None and name and name not in _CHARACTERS:
        raise InvalidInput(f"Its symbols are made by {name[:80]!a}, which is none of Coqui's own three ways.")
    kind = _CHARACTERS[name] if name else (IPAPhonemes if config.use_phonemes else Graphemes)
    try:
        return kind.init_from_config(config)[0]
    except (TypeError, KeyError, AttributeError, AssertionError) as error:
        raise InvalidInput("Its table of symbols cannot be read.") from error
