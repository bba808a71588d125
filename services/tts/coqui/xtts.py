"""XTTS: a network that is given text, in many languages; its speakers are what recordings of them became."""

import pickle
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from onnxruntime import RunOptions
from tokenizers import Tokenizer
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.models.xtts import Xtts

from services.tts.coqui.config import read_config
from services.tts.coqui.network import require_wanted
from services.tts.engines.voice_session import levelled
from services.tts.front_end.sequence import IdSequence
from services.tts.network import Manner, Sounded, VoiceNetwork
from services.tts.speech import EngineMember, SpokenWord
from shared.problems import EngineFailed, InvalidInput

MODEL: Final = "xtts"
LICENCE: Final = "CPML (Coqui Public Model License 1.0.0)"
"""Of the weights that Coqui published, and so of all that were learned on top of them."""
_USED: Final = ("model_args", "languages", "temperature", "length_penalty", "repetition_penalty", "top_k", "top_p")
_ASKED: Final = _USED[2:]
_SPEAKERS: Final = "speakers_xtts.pth"
_NEEDED: Final = ("model.pth", "vocab.json", _SPEAKERS)
_MOST: Final = {"gpt_layers": 64, "gpt_n_model_channels": 4_096, "decoder_input_dim": 4_096, "d_vector_dim": 4_096}
_MOST_TOKENS: Final = 1 << 16
_MOST_CHARACTERS: Final = 150
"""Of one piece of text. The network allows 400 tokens; beyond its usual lengths it mumbles."""
_RATES: Final = (0.5, 2.0)
_BAD: Final = (RuntimeError, ValueError, TypeError, AttributeError, AssertionError, LookupError, OSError, EOFError)


class XttsNetwork:
    """One piece of text at a time."""

    def __init__(self, network: Xtts, asked: Mapping[str, Any]) -> None:
        self.sample_rate_hz = int(network.args.output_sample_rate)
        self.languages = tuple(network.config.languages)
        self._network, self._asked = network, asked
        self._voices = [tuple(voice.values()) for voice in network.speaker_manager.speakers.values()]
        self._turn = threading.Lock()

    def speak(self, text: str, language: str, manner: Manner, options: RunOptions | None = None) -> Sounded:
        """Sound a piece of text. Blocks; may be called from several threads at once. Raises EngineFailed."""
        told = {**self._asked, "speed": float(np.clip(manner.rate, *_RATES))}
        try:
            with self._turn, torch.inference_mode():
                require_wanted(options)
                said = self._network.inference(text, language, *self._voices[manner.speaker or 0], **told)
        except _BAD as error:
            raise EngineFailed("The voice's network failed.") from error
        return Sounded(levelled(said["wav"]), None)


@dataclass(frozen=True, slots=True)
class InLanguage(VoiceNetwork):
    """The network for one language; its ids are the code points of a text."""

    whole: XttsNetwork
    language: str
    changes: tuple[EngineMember, ...] = ("rate",)

    @property
    def sample_rate_hz(self) -> int:  # type: ignore[override]  # nobody sets it
        """Of the sound."""
        return self.whole.sample_rate_hz

    def speak(self, ids: Sequence[int], manner: Manner, options: RunOptions | None = None) -> Sounded:
        """Sound one sequence. Blocks; may be called from several threads at once. Raises EngineFailed."""
        return self.whole.speak("".join(map(chr, ids)), self.language, manner, options)


def sequences_of(words: Sequence[SpokenWord]) -> Iterator[IdSequence]:
    """Yield the text of an utterance as code points, in pieces of whole words where words are not too long for one."""
    letters: list[tuple[str, int | None]] = []
    for index, word in enumerate(words):
        own = _letters(word, index)
        if letters and len(letters) + len(own) > _MOST_CHARACTERS:
            yield _sequence(letters)
            letters = []
        letters += own[:_MOST_CHARACTERS]
    if any(owner is not None for _, owner in letters):
        yield _sequence(letters)


def _letters(word: SpokenWord, index: int) -> list[tuple[str, int | None]]:
    marks: list[tuple[str, int | None]] = [(mark, None) for mark in word.after + " "]
    return [*((letter, index) for letter in word.text), *marks] if word.text.strip() else []


def _sequence(letters: Sequence[tuple[str, int | None]]) -> IdSequence:
    ids, words = zip(*((ord(letter), owner) for letter, owner in letters), strict=True)
    return IdSequence(ids, words, (None,) * len(ids))  # letters tell no sounds


def read_xtts(folder: Path) -> tuple[XttsNetwork, dict[str, int]]:
    """Open a folder; return its speakers too, none where there is only one. Raises InvalidInput, which says why not."""
    config = _settled(read_config(folder))
    if missing := [name for name in _NEEDED if not (folder / name).is_file()]:
        raise InvalidInput(f"It lacks {', '.join(missing)}; without recordings of a speaker it has no voice.")
    try:
        Tokenizer.from_buffer((folder / "vocab.json").read_bytes())  # Coqui's own way raises Exception itself
        network = _loaded(config, folder)
        opened = XttsNetwork(network, {name: config[name] for name in _ASKED})
    except (*_BAD, pickle.UnpicklingError) as error:
        raise InvalidInput("Its files are not those of the network that its configuration describes.") from error
    names = [str(name) for name in network.speaker_manager.speakers]
    return opened, {name: index for index, name in enumerate(names)} if len(names) > 1 else {}


def _loaded(config: XttsConfig, folder: Path) -> Xtts:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files that are refused anyway
        network = Xtts(config)
        network.load_checkpoint(config, checkpoint_dir=folder, eval=True)
    return network


def _settled(told: Mapping[str, Any]) -> XttsConfig:
    config = XttsConfig()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Coqui would take a default in place of what it does not understand
            config.from_dict({name: told[name] for name in _USED if told.get(name) is not None})
    except (*_BAD, UserWarning) as error:
        raise InvalidInput("Its configuration is none that Coqui's xtts has.") from error
    arguments = config.model_args
    for name in arguments:
        if isinstance(arguments[name], str):
            arguments[name] = ""  # files, all of which lie in the folder under names that are known
        elif name in _MOST or name.endswith("tokens"):
            _require(name, arguments[name])
    return config


def _require(name: str, wanted: Any) -> None:
    """Raise InvalidInput where the memory for a network of that size would be asked for before its weights are read."""
    if wanted is not None and wanted > _MOST.get(name, _MOST_TOKENS):
        raise InvalidInput(f"Its configuration asks for more than any such network has ({name}).")
