"""A model of Coqui's that is open, and has spoken."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from services.tts.coqui.config import read_config
from services.tts.coqui.model import read_coqui
from services.tts.coqui.network import CoquiNetwork
from services.tts.coqui.xtts import LICENCE, MODEL, InLanguage, XttsNetwork, read_xtts, sequences_of
from services.tts.engines.trained import Tools, TrainedStyle
from services.tts.engines.voice_session import require_sound
from services.tts.network import Manner
from services.tts.parameters import VoiceParameters
from services.tts.speech import EngineMember, Speaks, Speech, Utterance
from shared.problems import EngineFailed, ModelCorrupt

_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class OfSymbols:
    """A network that is given symbols, asked as all trained voices are."""

    parameters: VoiceParameters
    network: CoquiNetwork
    speakers: dict[str, int]
    licence: str | None = None

    @property
    def sample_rate_hz(self) -> int:
        """Of the sound."""
        return self.network.sample_rate_hz

    @property
    def changes(self) -> tuple[EngineMember, ...]:
        """What of the prosody the network makes itself."""
        return self.network.changes

    @property
    def language(self) -> str:
        """That of its sounds; of letters, what Coqui takes them for."""
        return self.parameters.front_end.language

    @property
    def tells_visemes(self) -> bool:
        """Whether its symbols are sounds."""
        return self.parameters.front_end.phonemizer == "espeak"

    def speaking(self, speaker: int | None, tools: Tools) -> Speaks:
        """Return what speaks as one of the speakers."""
        return TrainedStyle(self, speaker, tools)


@dataclass(frozen=True, slots=True)
class OfText:
    """XTTS."""

    network: XttsNetwork
    speakers: dict[str, int]
    licence: str | None = LICENCE
    language: str = _ENGLISH
    changes: tuple[EngineMember, ...] = ("rate",)
    tells_visemes: bool = False

    @property
    def sample_rate_hz(self) -> int:
        """Of the sound."""
        return self.network.sample_rate_hz

    def speaking(self, speaker: int | None, tools: Tools) -> Speaks:
        """Return what speaks as one of the speakers."""
        return _TextStyle(self.network, speaker, tools)


@dataclass(frozen=True, slots=True, eq=False)
class _TextStyle(Speaks):
    network: XttsNetwork
    speaker: int | None
    tools: Tools

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak one sentence, by its text: IPA is not known here. Raises EngineFailed, TimedOut."""
        sequences = list(sequences_of(utterance.words))
        network = InLanguage(self.network, self._language(utterance.language))
        manner = Manner(self.speaker, utterance.rate)
        return await self.tools.spoken(network, sequences, len(utterance.words), manner)

    def _language(self, wanted: str) -> str:
        base = wanted.lower().split("-")[0]
        alike = [language for language in self.network.languages if language.split("-")[0] == base]
        return alike[0] if alike else _ENGLISH


def open_coqui(folder: Path, threads: int) -> OfSymbols | OfText:
    """Open a model, whose last speaker has to speak. Raises InvalidInput, ModelCorrupt.

    All of torch works with that many threads from then on.
    """
    logging.getLogger("TTS").setLevel(logging.ERROR)  # it tells of everything that is as usual, and of texts
    torch.set_num_threads(threads)
    return _of_text(folder) if read_config(folder).get("model") == MODEL else _of_symbols(folder)


def _of_symbols(folder: Path) -> OfSymbols:
    model = read_coqui(folder)
    opened = OfSymbols(model.parameters, CoquiNetwork(model, folder), model.speakers)
    require_sound(opened.network, model.parameters, max(model.speakers.values(), default=0))
    return opened


def _of_text(folder: Path) -> OfText:
    network, speakers = read_xtts(folder)
    try:
        network.speak("Yes.", network.languages[0], Manner(max(speakers.values(), default=0)))
    except EngineFailed as error:
        raise ModelCorrupt("The voice's network does not speak.") from error
    return OfText(network, speakers)
