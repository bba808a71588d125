"""A recording's way from sound to segments: cut into utterances, heard by the engine, their times in the recording."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from services.stt.engine import Segment, SpeechEngine, Wishes, Word
from services.stt.spoken import FIRST_UTTERANCES, SpokenLanguage
from services.stt.utterances import Utterance, Utterances
from shared.audio.sound import Sound

T = TypeVar("T")
Said = TypeVar("Said", Segment, Word)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one piece of work on a recording gave."""

    segments: list[Segment]
    """In the order of the recording, with text; none where a piece was only cut or silent."""
    heard_seconds: float
    """Sound of the recording so far; of its last piece, the recording's length."""


class Timed(Protocol):
    """Does a piece of the engine's work, and measures it."""

    def __call__(self, work: Callable[..., T], *arguments: object) -> T:
        """Return what `work` returns."""


class Transcriber:
    """Writes down recordings with one engine. Keeps nothing between them, and may be used by several threads."""

    def __init__(self, engine: SpeechEngine, timed: Timed | None = None) -> None:
        self._engine = engine
        self._timed = timed or _untimed

    def segments(self, blocks: Iterable[Sound], wishes: Wishes) -> Iterator[Segment]:
        """Yield the segments of a recording as they end, with their times in it. Blocks; raises what `blocks` does.

        Blocks of sound are at the engine's rate. Never more than a batch of utterances is held.
        """
        for piece in self.pieces(blocks, wishes):
            yield from piece.segments

    def pieces(
        self, blocks: Iterable[Sound], wishes: Wishes, *, at_once: int | None = None
    ) -> Generator[Piece, None, None]:
        """Do a piece of the work for each item: `segments`, in turns. There is at least one.

        The engine gets `at_once` utterances together, at most its own number, which is the default and the quickest;
        with 1 an utterance waits for no other, but for those that tell the language.
        """
        utterances = Utterances(self._engine.sample_rate_hz, self._engine.longest_seconds)
        language = self.language(wishes)
        most = self._engine.utterances_at_once
        batch = min(at_once or most, most)
        waiting: list[Utterance] = []
        for block in blocks:
            waiting += utterances.feed(block.samples)
            if len(waiting) >= FIRST_UTTERANCES:
                language.hear(waiting)
            while language.is_settled and len(waiting) >= batch:
                yield Piece(self.heard(waiting[:batch], language.wishes), utterances.fed_seconds)
                del waiting[:batch]
            yield Piece([], utterances.fed_seconds)
        waiting += utterances.finish()
        language.hear(waiting)
        while waiting:
            yield Piece(self.heard(waiting[:batch], language.wishes), utterances.fed_seconds)
            del waiting[:batch]
        yield Piece([], utterances.fed_seconds)

    def language(self, wishes: Wishes) -> SpokenLanguage:
        """Return the wishes for a recording, whose language may yet have to be heard."""
        return SpokenLanguage(wishes, self._engine.abilities, partial(self._timed, self._engine.language_of))

    def heard(self, utterances: Sequence[Utterance], wishes: Wishes) -> list[Segment]:
        """Return the segments of at most a batch of utterances that have text, with their times in the recording."""
        samples = [utterance.samples for utterance in utterances]
        heard = self._timed(self._engine.transcribe, samples, wishes)
        return [
            _shifted(segment, utterance.start_seconds)
            for utterance, segments in zip(utterances, heard, strict=True)
            for segment in segments
            if segment.text.strip()
        ]


def _shifted(segment: Segment, seconds: float) -> Segment:
    """Return a segment of an utterance with its times in the recording."""
    words = tuple(_moved(word, seconds) for word in segment.words)
    return replace(_moved(segment, seconds), words=words)


def _moved(said: Said, seconds: float) -> Said:
    return replace(
        said,
        text=said.text.strip(),
        start_seconds=said.start_seconds + seconds,
        end_seconds=said.end_seconds + seconds,
    )


def _untimed(work: Callable[..., T], *arguments: object) -> T:
    return work(*arguments)
