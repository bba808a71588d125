"""A recording's way: decoded, judged by the engine, answered."""

import asyncio
from concurrent.futures import Executor

from services.speaker.answers import answer_of
from services.speaker.engine import Judgement, SpeakerEngine
from services.speaker.schemas import SpeakerAnswer
from services.speaker.settings import SpeakerSettings
from shared.audio import AudioLimits, Samples, decode, warm_up
from shared.metrics import Metrics


class Judge:
    """Judges recordings. `executor` has as many threads as there are engine slots."""

    def __init__(self, settings: SpeakerSettings, engine: SpeakerEngine, executor: Executor, metrics: Metrics) -> None:
        self._engine = engine
        self._engine_name = settings.speaker_engine
        self._executor = executor
        self._metrics = metrics
        self._limits = AudioLimits(
            max_bytes=settings.max_file_bytes,
            max_seconds=settings.max_recording_seconds,
            max_work_seconds=settings.decode_seconds,
        )

    async def judge(self, recording: bytes) -> SpeakerAnswer:
        """Return age and gender of who speaks in an audio file. Raises what `decode` and the engine raise."""
        loop = asyncio.get_running_loop()
        samples = await loop.run_in_executor(self._executor, self._decoded, recording)
        judgement = await loop.run_in_executor(self._executor, self._judged, samples)
        return answer_of(f"{self._engine_name}/1", judgement)

    async def warm_up(self) -> None:
        """Start the server of the children that decode, for which the first recording would have to wait."""
        await asyncio.get_running_loop().run_in_executor(self._executor, warm_up)

    def _decoded(self, recording: bytes) -> Samples:
        return decode(recording, self._limits, sample_rate_hz=self._engine.sample_rate_hz).samples

    def _judged(self, samples: Samples) -> Judgement:
        with self._metrics.engine_time(self._engine_name):
            return self._engine.judge(samples)
