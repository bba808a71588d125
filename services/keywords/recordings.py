"""A recording's way: decoded, cut into windows, heard by the engine, answered."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor

from services.keywords.answers import CLIP_SECONDS, KeywordsAnswer, Match, Vocabulary
from services.keywords.hearing import Hearing
from services.keywords.models import Lease, Opened
from services.keywords.schemas import Wishes
from services.keywords.settings import KeywordsSettings
from shared.audio import AudioLimits, Samples, decode, warm_up
from shared.metrics import Metrics

TURN_SECONDS = 8.0
"""Sound of one piece of work at the engine; behind each, other recordings get their turn."""


class Recordings:
    """Hears recordings. `executor` has as many threads as there are engine slots."""

    def __init__(self, settings: KeywordsSettings, lease: Lease, executor: Executor, metrics: Metrics) -> None:
        self._engine_name = settings.keywords_engine
        self._lease = lease
        self._executor = executor
        self._metrics = metrics
        self._limits = AudioLimits(
            max_bytes=settings.max_file_bytes,
            max_seconds=settings.max_recording_seconds,
            max_work_seconds=settings.decode_seconds,
        )

    async def hear(self, recording: bytes, wishes: Wishes, caller: str | None = None) -> KeywordsAnswer:
        """Return the words in an audio file.

        Raises InvalidInput for words that the model does not know, and what `decode` and the lease raise.
        """
        async with self._lease(wishes.model, caller) as opened:
            vocabulary = Vocabulary(opened.engine.labels, wishes.keywords)
            turns = self._turns(recording, opened, vocabulary, wishes.threshold)
            answer = None
            while answer is None:
                answer = await asyncio.get_running_loop().run_in_executor(self._executor, next, turns)
            return answer

    async def warm_up(self) -> None:
        """Start the server of the children that decode, for which the first recording would have to wait."""
        await asyncio.get_running_loop().run_in_executor(self._executor, warm_up)

    def _turns(
        self, recording: bytes, opened: Opened, vocabulary: Vocabulary, wanted: float | None
    ) -> Iterator[KeywordsAnswer | None]:
        """Do a piece of work for each item; the last one is the answer."""
        sound = decode(recording, self._limits, sample_rate_hz=opened.engine.features.sample_rate_hz)
        is_clip = sound.seconds <= CLIP_SECONDS
        hearing = Hearing(
            opened.engine, vocabulary, vocabulary.least(opened.engine.thresholds, wanted, is_clip=is_clip)
        )
        matches: list[Match] = []
        samples, turn_samples = sound.samples, round(TURN_SECONDS * sound.sample_rate_hz)
        while len(samples) > turn_samples:
            matches += self._timed(hearing.feed, samples[:turn_samples])
            samples = samples[turn_samples:]
            yield None
        matches += self._timed(hearing.finish, samples)
        best = sorted(matches, key=lambda match: -match.score)[:1]
        yield hearing.answer(opened.model, best if is_clip else matches)

    def _timed(self, work: Callable[[Samples], list[Match]], samples: Samples) -> list[Match]:
        with self._metrics.engine_time(self._engine_name):
            return work(samples)
