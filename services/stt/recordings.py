"""A recording's way: decoded, cut into utterances, written down by the engine, a piece at a time."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass

from services.stt import vad
from services.stt.engine import Segment
from services.stt.models import Lease, Opened
from services.stt.orders import Order, order_of
from services.stt.schemas import TranslationForm
from services.stt.settings import SttSettings
from services.stt.transcriber import Piece, Transcriber
from services.stt.transcripts import Transcript
from shared.audio import Sound, decode_blocks, warm_up
from shared.engines import EngineThreads
from shared.problems import InvalidInput, TimedOut, TooLarge, UnsupportedMedia


@dataclass(frozen=True, slots=True)
class Heard:
    """What one piece of work gave, and who did it."""

    model: str
    order: Order
    piece: Piece

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's head tells: the model with its version, and what it did not heed."""
        ignored = ", ".join(self.order.ignored)
        warning = {"X-Timbre-Warning": f"{ignored}: no use to this model or answer, and ignored"} if ignored else {}
        return {"X-Timbre-Model": self.model, **warning}

    def transcript(self, segments: Sequence[Segment]) -> Transcript:
        """Return the whole transcript, `segments`, of which this was the last piece."""
        told = (segment.language for segment in segments if segment.language)
        language = next(told, self.order.language)
        return Transcript(segments, self.piece.heard_seconds, language, self.order.wishes.task)


class Recordings:
    """Writes recordings down."""

    def __init__(self, settings: SttSettings, lease: Lease, threads: EngineThreads) -> None:
        self._lease = lease
        self._threads = threads
        self._limits = settings.recording_limits
        self._most_seconds = settings.max_transcription_seconds

    async def hear(self, recording: bytes, form: TranslationForm) -> AsyncGenerator[Heard, None]:
        """Yield what each piece of work on an audio file gave, at least one; recordings take turns.

        Raises InvalidInput for what the model cannot do, TimedOut, and what `decode_blocks` and the lease raise.
        """
        with self._lease(form.model) as opened:
            order = order_of(form, opened.engine.abilities)
            at_once = 1 if form.stream else None
            work = self._threads.each(self._pieces(recording, opened, order, at_once))
            async with aclosing(self._in_time(work)) as pieces:
                async for piece in pieces:
                    yield Heard(opened.model, order, piece)

    async def warm_up(self) -> None:
        """Start the server of the children that decode, and load the network that hears speech, for nobody to wait."""
        await self._threads.run(warm_up)
        await self._threads.run(vad.Silero)

    async def _in_time(self, work: AsyncGenerator[Piece, None]) -> AsyncGenerator[Piece, None]:
        """Yield the pieces. Raises TimedOut even while one is being done, in a thread that then goes on to its end."""
        deadline = asyncio.get_running_loop().time() + self._most_seconds
        async with aclosing(work):
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        piece = await anext(work, None)
                except TimeoutError as error:
                    detail = f"Writing down one recording may take at most {self._most_seconds:g} seconds."
                    raise TimedOut(detail) from error
                if piece is None:
                    return
                yield piece

    def _pieces(
        self, recording: bytes, opened: Opened, order: Order, at_once: int | None
    ) -> Generator[Piece, None, None]:
        transcriber = Transcriber(opened.engine, self._threads.named(opened.name).timed)
        with closing(self._blocks(recording, opened.engine.sample_rate_hz)) as blocks:
            yield from transcriber.pieces(blocks, order.wishes, at_once=at_once)

    def _blocks(self, recording: bytes, sample_rate_hz: int) -> Generator[Sound, None, None]:
        """Decode; what is wrong with a recording is told as wrong with the form's part that holds it."""
        try:
            with closing(decode_blocks(recording, self._limits, sample_rate_hz=sample_rate_hz)) as blocks:
                yield from blocks
        except (InvalidInput, TooLarge, UnsupportedMedia) as problem:
            problem.param = problem.param or "file"
            raise
