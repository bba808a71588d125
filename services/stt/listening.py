"""The live websocket: sound comes in as it is spoken, text goes out while an utterance is spoken and when it has ended.

Reading waits for the text of an utterance that has ended, and never for that of one that is still spoken.
"""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from functools import partial
from typing import Any

from starlette.websockets import WebSocket

from services.stt.engine import SpeechEngine, Wishes, Word
from services.stt.models import Lease, Opened
from services.stt.orders import live_wishes
from services.stt.partials import Partials
from services.stt.schemas import ListenQuery
from services.stt.settings import SttSettings
from services.stt.transcriber import Transcriber
from services.stt.transcripts import SECONDS_DECIMALS, Transcript
from services.stt.utterances import Pauses, Utterance, Utterances
from shared.audio import Resampler, Samples
from shared.engines import EngineThreads
from shared.listening import Listener, Listeners
from shared.metrics import Metrics

PAUSES = Pauses(longer_than_seconds=0.7, kept_seconds=0.3)
LONGEST_SECONDS = 20.0
"""Of an utterance: each text of one that is still spoken costs as much as the whole of it so far."""


class Listening:
    """Listens at websockets."""

    def __init__(self, settings: SttSettings, lease: Lease, threads: EngineThreads, metrics: Metrics) -> None:
        self._lease = lease
        self._threads = threads
        self._listeners = Listeners(settings, metrics)

    async def listen(self, websocket: WebSocket, query: ListenQuery) -> None:
        """Answer one client until it has finished, and close.

        Raises Busy, InvalidInput, UnsupportedLanguage, TooLarge, TimedOut, what the engine and the lease raise, and
        WebSocketDisconnect when the client leaves.
        """
        rate_hz = query.sample_rate_hz
        async with self._listeners.listen(websocket, rate_hz) as listener:
            with self._lease(query.model) as opened:
                wishes = live_wishes(query, opened.engine.abilities)
                pen = Pen(opened, wishes, self._threads.named(opened.name))
                ear = Ear(rate_hz, opened.engine)
                await listener.say("ready", model=opened.model, sample_rate_hz=rate_hz)
                conversation = Conversation(listener, ear, pen, query.words)
                async with aclosing(conversation), aclosing(listener.sounds()) as sounds:
                    async for samples in sounds:
                        await conversation.hear(samples)
                    await conversation.finish()
                await listener.say("end", duration_seconds=round(ear.duration_seconds, SECONDS_DECIMALS))


class Ear:
    """Cuts what one client sends, at the client's sample rate, into utterances at the engine's."""

    def __init__(self, rate_hz: int, engine: SpeechEngine) -> None:
        self._resampler = Resampler(rate_hz, engine.sample_rate_hz)
        self._utterances = Utterances(engine.sample_rate_hz, min(LONGEST_SECONDS, engine.longest_seconds), PAUSES)

    @property
    def duration_seconds(self) -> float:
        """Length of the sound so far."""
        return self._utterances.fed_seconds

    @property
    def unfinished(self) -> Utterance | None:
        """What has been said of the utterance that has not ended."""
        return self._utterances.unfinished

    def feed(self, samples: Samples) -> list[Utterance]:
        """Take the next sound, float32 (n,); return the utterances that have ended by now."""
        return self._utterances.feed(self._resampler.feed(samples))

    def finish(self) -> list[Utterance]:
        """Return the rest of the utterances."""
        return self._utterances.feed(self._resampler.finish()) + self._utterances.finish()


class Pen:
    """Writes down what one client says, in one language."""

    def __init__(self, opened: Opened, wishes: Wishes, threads: EngineThreads) -> None:
        self._threads = threads
        self._transcriber = Transcriber(opened.engine)
        self._language = self._transcriber.language(wishes)

    async def write(self, utterance: Utterance) -> Transcript:
        """Write down an utterance that is still spoken."""
        return await self._threads.run_engine(self._written, utterance)

    async def write_whole(self, utterance: Utterance) -> Transcript:
        """Write down an utterance that has ended; the first of them tell the language."""
        return await self._threads.run_engine(self._written_whole, utterance)

    def _written(self, utterance: Utterance) -> Transcript:
        segments = self._transcriber.heard([utterance], self._language.wishes)
        return Transcript(segments, utterance.end_seconds, None)

    def _written_whole(self, utterance: Utterance) -> Transcript:
        self._language.hear([utterance])
        return self._written(utterance)


class Conversation:
    """What one client says, and is told of it: a `final` of each utterance, and `partial`s before it."""

    def __init__(self, listener: Listener, ear: Ear, pen: Pen, with_words: bool) -> None:
        self._listener = listener
        self._ear = ear
        self._pen = pen
        self._with_words = with_words
        self._partials = Partials()
        self._final_until_seconds = 0.0
        self._has_partial = False

    async def hear(self, samples: Samples) -> None:
        """Take the next sound, float32 (n,); tell what has ended, and begin to work at what has not."""
        # Not in the engine's threads: one that is at work for long would keep the client from being heard.
        await self._tell_finals(await asyncio.to_thread(self._ear.feed, samples))
        if self._partials.are_due and (utterance := self._ear.unfinished):
            self._partials.begin(partial(self._tell_partial, utterance))

    async def finish(self) -> None:
        """Tell the rest."""
        await self._tell_finals(await asyncio.to_thread(self._ear.finish))

    async def aclose(self) -> None:
        """Give up what nobody waits for any more."""
        await self._partials.aclose()

    async def _tell_finals(self, utterances: Iterable[Utterance]) -> None:
        for utterance in utterances:
            heard = await self._pen.write_whole(utterance)
            self._final_until_seconds = utterance.end_seconds
            # One without text takes back what was told before it.
            if heard.segments or self._has_partial:
                await self._listener.say("final", **self._members(heard, utterance))
            self._has_partial = False

    async def _tell_partial(self, utterance: Utterance) -> None:
        heard = await self._pen.write(utterance)
        if heard.segments and utterance.start_seconds >= self._final_until_seconds:
            self._has_partial = True
            await self._listener.say("partial", text=heard.text, start_seconds=_rounded(utterance.start_seconds))

    def _members(self, heard: Transcript, utterance: Utterance) -> dict[str, Any]:
        start_seconds, end_seconds = utterance.start_seconds, utterance.end_seconds
        if heard.segments:
            start_seconds, end_seconds = heard.segments[0].start_seconds, heard.segments[-1].end_seconds
        members = {"text": heard.text, "start_seconds": _rounded(start_seconds), "end_seconds": _rounded(end_seconds)}
        return members | ({"words": [_told(word) for word in heard.words]} if self._with_words else {})


def _told(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "start_seconds": _rounded(word.start_seconds),
        "end_seconds": _rounded(word.end_seconds),
        "probability": word.probability,
    }


def _rounded(seconds: float) -> float:
    return round(seconds, SECONDS_DECIMALS)
