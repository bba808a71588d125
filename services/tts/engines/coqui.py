"""Models that Coqui trained, on torch (coqui-tts: MPL-2.0), for those who have the folder of one.

A voice that is imported into the store (`timbre voice import-coqui`) needs none of this, and speaks faster.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol, Self

from services.tts.child import Limits
from services.tts.coqui.config import About, read_about
from services.tts.engines.trained import Tools
from services.tts.settings import TTSSettings
from services.tts.speakers import styles_of_all
from services.tts.speech import EngineMember, Speaks, Speech, TTSEngine, Utterance, VoiceInfo
from shared.engines import find_engine
from shared.metrics import Metrics
from shared.problems import EngineFailed, ModelNotFound, Problem
from shared.store.manifest import VoiceStyle
from shared.store.names import is_name

_OPENING: Final = {"coqui": "services.tts.coqui.opened:open_coqui"}
"""Imported when the engine starts: that is when torch and Coqui have to be there."""
_NO_LICENCE: Final = "not stated"
_USUAL: Final = "neutral"
_log = logging.getLogger(__name__)


class Coqui(TTSEngine):
    """Opens all models of a folder when it starts; one that cannot be used is left out, and the log says why."""

    def __init__(self, settings: TTSSettings) -> None:
        self._settings = settings
        self._tools = Tools(settings.slots, Limits(seconds=settings.sentence_timeout_seconds))
        self._voices: tuple[VoiceInfo, ...] = ()

    @classmethod
    def configured(cls, settings: TTSSettings, metrics: Metrics) -> Self:
        """Return the engine for the folder that the settings name."""
        return cls(settings)

    async def start(self) -> None:
        """Open all models there are. Raises EngineFailed where the packages are missing."""
        try:
            opening: Any = find_engine(_OPENING, "coqui")
        except ImportError as error:
            raise EngineFailed("The engine coqui needs the packages of the group tts-coqui.") from error
        self._voices = await asyncio.to_thread(self._opened, opening)

    async def close(self) -> None:
        """End the threads."""
        await self._tools.close()

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the voices of all models, by name."""
        return self._voices

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak in a voice's usual way. Cancelling leaves the network at its work, for nothing."""
        for voice in self._voices:
            if voice.id == utterance.voice and voice.spoken_by:
                return await voice.spoken_by.speak(utterance)
        raise ModelNotFound("No model of Coqui's speaks in a voice of that name.", param="voice")

    def _opened(self, opening: "Opening") -> tuple[VoiceInfo, ...]:
        return tuple(voice for folder in self._folders() for voice in self._voices_of(folder, opening))

    def _folders(self) -> list[Path]:
        try:
            return sorted(path for path in Path(self._settings.coqui_models).iterdir() if path.is_dir())
        except OSError as error:
            _log.error("models of Coqui's cannot be listed", exc_info=error)
            return []

    def _voices_of(self, folder: Path, opening: "Opening") -> Iterator[VoiceInfo]:
        told = {"model": folder.name}
        if not is_name(folder.name):
            _log.error("model left out: its folder's name can be no voice's", extra=told)
            return
        try:
            about = read_about(folder)
            if _is_noncommercial(about) and not self._settings.noncommercial_models:
                _log.error("model left out: its licence allows no commercial use, or is not stated", extra=told)
                return
            model = opening(folder, self._settings.tts_threads)
        except Problem as problem:
            _log.error("model left out", extra=told, exc_info=problem)
            return
        yield from voices_of(folder.name, about, model, self._tools)


class CoquiModel(Protocol):
    """A model that is open."""

    @property
    def sample_rate_hz(self) -> int:
        """Of its sound."""

    @property
    def changes(self) -> tuple[EngineMember, ...]:
        """What of the prosody it makes itself."""

    @property
    def tells_visemes(self) -> bool:
        """Whether it says when which sound is heard."""

    @property
    def language(self) -> str:
        """That it is taken to speak if its owner names none."""

    @property
    def licence(self) -> str | None:
        """Of all such models, where there is one."""

    @property
    def speakers(self) -> Mapping[str, int]:
        """Their indexes; none where there is only one."""

    def speaking(self, speaker: int | None, tools: Tools) -> Speaks:
        """Return what speaks as one of them."""


Opening = Callable[[Path, int], CoquiModel]
"""Opens the model of a folder for so many threads. Raises InvalidInput, ModelCorrupt."""


def voices_of(name: str, about: About, model: CoquiModel, tools: Tools) -> Iterator[VoiceInfo]:
    """Yield the voices of a model of that name."""
    found: dict[str, dict[str, VoiceInfo]] = defaultdict(dict)
    for style in styles_of_all(name, model.speakers):
        voice = _voice(style, about, model, tools)
        found[style.voice].setdefault(style.emotion or _USUAL, voice)
    for ways in found.values():
        usual = ways.pop(_USUAL)
        yield replace(usual, trained=ways)


def _voice(style: VoiceStyle, about: About, model: CoquiModel, tools: Tools) -> VoiceInfo:
    return VoiceInfo(
        id=style.voice,
        name=about.display_name or style.voice,
        language=about.language or model.language,
        gender=about.gender,
        engine="coqui",
        sample_rate_hz=model.sample_rate_hz,
        licence=about.licence or model.licence or _NO_LICENCE,
        changes=model.changes,
        tells_visemes=model.tells_visemes,
        noncommercial=_is_noncommercial(about),
        consent=about.consent,
        emotion=style.emotion,
        spoken_by=model.speaking(style.speaker, tools),
    )


def _is_noncommercial(about: About) -> bool:
    return about.licence is None if about.noncommercial is None else about.noncommercial
