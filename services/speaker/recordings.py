"""A recording's way: decoded, cut into windows, judged by the engines, answered, a piece at a time."""

from collections.abc import Generator
from contextlib import aclosing, closing

from services.speaker.answers import SpeakerAnswer
from services.speaker.engine import Heard
from services.speaker.features import Frames
from services.speaker.judging import Judging, Model
from services.speaker.models import Lease
from services.speaker.parameters import SAMPLE_RATE_HZ
from services.speaker.settings import SpeakerSettings
from shared.audio import decode_blocks, warm_up
from shared.engines import EngineThreads


class Recordings:
    """Judges recordings."""

    def __init__(self, settings: SpeakerSettings, lease: Lease, threads: EngineThreads) -> None:
        self._lease = lease
        self._threads = threads
        self._limits = settings.recording_limits

    async def judge(self, recording: bytes, *, segments: bool) -> SpeakerAnswer:
        """Return age and gender of who speaks in an audio file; recordings take turns.

        Raises what `decode_blocks`, the lease and the engines raise.
        """
        with self._lease() as models:
            async with aclosing(self._threads.each(self._turns(recording, models, segments=segments))) as turns:
                answer = await anext(turns)
                while answer is None:  # no further than the answer: the end would have to wait for its turn
                    answer = await anext(turns)
        return answer

    async def warm_up(self) -> None:
        """Start the server of the children that decode, for which the first recording would have to wait."""
        await self._threads.run(warm_up)

    def _turns(
        self, recording: bytes, models: list[Model], *, segments: bool
    ) -> Generator[SpeakerAnswer | None, None, None]:
        """Do a piece of work for each item; the last one is the answer."""
        judging = Judging(models, self._heard)
        with closing(decode_blocks(recording, self._limits, sample_rate_hz=SAMPLE_RATE_HZ)) as blocks:
            for block in blocks:
                for _ in judging.feed(block.samples):
                    yield None
        yield judging.finish(segments=segments)

    def _heard(self, model: Model, frames: Frames) -> Heard:
        return self._threads.named(model.name).timed(model.engine.hear, frames)
