"""The websocket: sound comes in as it is spoken, words go out as soon as they are certain."""

from contextlib import aclosing
from dataclasses import asdict

from starlette.websockets import WebSocket

from services.keywords.answers import SECONDS_DECIMALS, Match, Vocabulary
from services.keywords.hearing import Hearing
from services.keywords.models import Lease, Opened
from services.keywords.schemas import ListenQuery
from services.keywords.settings import KeywordsSettings
from shared.audio import Resampler, Samples
from shared.engines import EngineThreads
from shared.listening import Listener, Listeners
from shared.metrics import Metrics


class Listening:
    """Listens at websockets."""

    def __init__(self, settings: KeywordsSettings, lease: Lease, threads: EngineThreads, metrics: Metrics) -> None:
        self._lease = lease
        self._threads = threads
        self._listeners = Listeners(settings, metrics)

    async def listen(self, websocket: WebSocket, query: ListenQuery, caller: str | None) -> None:
        """Answer one client until it has finished, and close.

        Raises Busy, InvalidInput, TooLarge, TimedOut, what the lease raises, and WebSocketDisconnect when it leaves.
        """
        rate_hz = query.sample_rate_hz
        async with (
            self._listeners.listen(websocket, rate_hz) as listener,
            self._lease(query.model, caller) as opened,
            aclosing(listener.sounds()) as sounds,
        ):
            ear = Ear(opened, query)
            threads = self._threads.named(opened.name)
            await listener.say("ready", model=opened.model, keywords=ear.words, sample_rate_hz=rate_hz)
            async for samples in sounds:
                await _tell(listener, await threads.run_engine(ear.feed, samples))
            await _tell(listener, await threads.run_engine(ear.finish))
            await listener.say("end", duration_seconds=ear.duration_seconds, matches=ear.matches)


class Ear:
    """Hears what one client sends, at the client's sample rate."""

    def __init__(self, opened: Opened, query: ListenQuery) -> None:
        engine = opened.engine
        vocabulary = Vocabulary(engine.labels, query.keywords)
        self._hearing = Hearing(engine, vocabulary, vocabulary.least(engine.thresholds, query.threshold, is_clip=False))
        self._resampler = Resampler(query.sample_rate_hz, engine.features.sample_rate_hz)
        self.words = vocabulary.words
        self.matches = 0

    @property
    def duration_seconds(self) -> float:
        """Length of the sound so far."""
        return round(self._hearing.duration_seconds, SECONDS_DECIMALS)

    def feed(self, samples: Samples) -> list[Match]:
        """Take the next sound, float32 (n,); return the matches that are certain by now."""
        return self._counted(self._hearing.feed(self._resampler.feed(samples)))

    def finish(self) -> list[Match]:
        """Return the rest of the matches."""
        return self._counted(self._hearing.finish(self._resampler.finish()))

    def _counted(self, matches: list[Match]) -> list[Match]:
        self.matches += len(matches)
        return matches


async def _tell(listener: Listener, matches: list[Match]) -> None:
    for match in matches:
        await listener.say("keyword", **asdict(match))
