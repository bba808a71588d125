"""A recording's way: decoded, judged by the engine, answered."""

from services.speaker.answers import answer_of
from services.speaker.engine import SpeakerEngine
from services.speaker.schemas import SpeakerAnswer
from services.speaker.settings import SpeakerSettings
from shared.audio import Samples, decode, warm_up
from shared.engines import EngineThreads


class Judge:
    """Judges recordings."""

    def __init__(self, settings: SpeakerSettings, engine: SpeakerEngine, threads: EngineThreads) -> None:
        self._engine = engine
        self._engine_name = settings.speaker_engine
        self._threads = threads
        self._limits = settings.recording_limits

    async def judge(self, recording: bytes) -> SpeakerAnswer:
        """Return age and gender of who speaks in an audio file. Raises what `decode` and the engine raise."""
        samples = await self._threads.run(self._decoded, recording)
        judgement = await self._threads.run_engine(self._engine.judge, samples)
        return answer_of(f"{self._engine_name}/1", judgement)

    async def warm_up(self) -> None:
        """Start the server of the children that decode, for which the first recording would have to wait."""
        await self._threads.run(warm_up)

    def _decoded(self, recording: bytes) -> Samples:
        return decode(recording, self._limits, sample_rate_hz=self._engine.sample_rate_hz).samples
