"""The engines that were chosen, started together, found by the voices they have."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from services.tts.child import Limits
from services.tts.settings import TTSSettings
from services.tts.speech import ENGINES, Speech, TTSEngine, Utterance, VoiceInfo
from shared.engines import find_engine
from shared.metrics import Metrics


class Engines:
    """All started engines behind one `speak`."""

    def __init__(self, engines: Sequence[TTSEngine], metrics: Metrics) -> None:
        self._by_voice = {voice.id: engine for engine in engines for voice in engine.voices()}
        self._metrics = metrics
        self.voices: tuple[VoiceInfo, ...] = tuple(voice for engine in engines for voice in engine.voices())

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak with the engine that has the utterance's voice; raises what that engine raises."""
        engine = self._by_voice[utterance.voice]
        with self._metrics.engine_time(type(engine).__name__.lower()):
            return await engine.speak(utterance)


@asynccontextmanager
async def started_engines(settings: TTSSettings, metrics: Metrics) -> AsyncIterator[Engines]:
    """Start the engines that the settings name; they end with the block.

    Raises LookupError for an engine that does not exist, EngineFailed for one that is not installed.
    """
    async with AsyncExitStack() as stack:
        engines = []
        for name in settings.tts_engines:
            engine: TTSEngine = find_engine(ENGINES, name)(
                slots=settings.slots, limits=Limits(seconds=settings.sentence_timeout_seconds)
            )
            stack.push_async_callback(engine.close)
            await engine.start()
            engines.append(engine)
        yield Engines(engines, metrics)
