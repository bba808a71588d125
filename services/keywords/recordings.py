"""A recording's way: decoded, cut into windows, heard by the engine, answered."""

from collections.abc import Iterator

from services.keywords.answers import CLIP_SECONDS, KeywordsAnswer, Match, Vocabulary
from services.keywords.hearing import Hearing
from services.keywords.models import Lease, Opened
from services.keywords.schemas import Wishes
from services.keywords.settings import KeywordsSettings
from shared.audio import decode, warm_up
from shared.engines import EngineThreads

TURN_SECONDS = 8.0
"""Sound of one piece of work at the engine; behind each, other recordings get their turn."""


class Recordings:
    """Hears recordings."""

    def __init__(self, settings: KeywordsSettings, lease: Lease, threads: EngineThreads) -> None:
        self._lease = lease
        self._threads = threads
        self._limits = settings.recording_limits

    async def hear(self, recording: bytes, wishes: Wishes, caller: str | None = None) -> KeywordsAnswer:
        """Return the words in an audio file.

        Raises InvalidInput for words that the model does not know, and what `decode` and the lease raise.
        """
        async with self._lease(wishes.model, caller) as opened:
            vocabulary = Vocabulary(opened.engine.labels, wishes.keywords)
            turns = self._turns(recording, opened, vocabulary, wishes.threshold)
            answer: KeywordsAnswer | None = None
            while answer is None:
                answer = await self._threads.run(next, turns)
            return answer

    async def warm_up(self) -> None:
        """Start the server of the children that decode, for which the first recording would have to wait."""
        await self._threads.run(warm_up)

    def _turns(
        self, recording: bytes, opened: Opened, vocabulary: Vocabulary, wanted: float | None
    ) -> Iterator[KeywordsAnswer | None]:
        """Do a piece of work for each item; the last one is the answer."""
        sound = decode(recording, self._limits, sample_rate_hz=opened.engine.features.sample_rate_hz)
        is_clip = sound.seconds <= CLIP_SECONDS
        least = vocabulary.least(opened.engine.thresholds, wanted, is_clip=is_clip)
        hearing = Hearing(opened.engine, vocabulary, least, is_clip=is_clip)
        matches: list[Match] = []
        timed = self._threads.named(opened.name).timed
        samples, turn_samples = sound.samples, round(TURN_SECONDS * sound.sample_rate_hz)
        while len(samples) > turn_samples:
            matches += timed(hearing.feed, samples[:turn_samples])
            samples = samples[turn_samples:]
            yield None
        matches += timed(hearing.finish, samples)
        best = sorted(matches, key=lambda match: -match.score)[:1]
        yield hearing.answer(opened.model, best if is_clip else matches)
