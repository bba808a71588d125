"""The engines that were chosen, started together, found by the voices they have."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain
from typing import Any

from services.tts.settings import TTSSettings
from services.tts.speech import ENGINES, Speech, TTSEngine, Utterance, VoiceInfo
from services.tts.voices import Voices
from shared.engines import find_engine
from shared.metrics import Metrics


class Engines:
    """All started engines, by name, behind one `speak`."""

    def __init__(self, engines: Mapping[str, TTSEngine], metrics: Metrics, default_voice: str) -> None:
        self._engines = engines
        self._metrics = metrics
        self._default_voice = default_voice
        self._known: list[Sequence[VoiceInfo]] = []
        self._voices = Voices((), default_voice)

    @property
    def voices(self) -> Voices:
        """The voices as they are now. A request takes them once: they stay as they are for as long as it holds them."""
        now = [engine.voices() for engine in self._engines.values()]
        if list(map(id, now)) != list(map(id, self._known)):
            self._known, self._voices = now, Voices(chain.from_iterable(now), self._default_voice)
        return self._voices

    async def speak(self, voice: VoiceInfo, utterance: Utterance) -> Speech:
        """Speak in one of `voices`; raises what its engine raises."""
        with self._metrics.engine_time(voice.engine):
            return await (voice.spoken_by or self._engines[voice.engine]).speak(utterance)


@asynccontextmanager
async def started_engines(settings: TTSSettings, metrics: Metrics) -> AsyncIterator[Engines]:
    """Start the engines that the settings name; they end with the block.

    Raises LookupError for an engine that does not exist, EngineFailed for one that is not installed.
    """
    async with AsyncExitStack() as stack:
        engines: dict[str, TTSEngine] = {}
        for name in settings.tts_engines:
            kind: Any = find_engine(ENGINES, name)
            engines[name] = kind.configured(settings, metrics)
            stack.push_async_callback(engines[name].close)
            await engines[name].start()
        yield Engines(engines, metrics, settings.default_voice)
