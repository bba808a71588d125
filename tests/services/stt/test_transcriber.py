"""From blocks of sound to segments with their times in the recording, in bounded memory."""

import tracemalloc
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from services.stt.engine import Segment, Wishes, Word
from services.stt.engines.fake import Fake
from services.stt.transcriber import Transcriber
from shared.audio import Samples, Sound
from tests.services.stt.heard import conversation
from tests.services.stt.polyglot import Polyglot
from tests.sounds import RATE_HZ, silence


class Spy(Fake):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[Samples]] = []

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        self.batches.append(list(utterances))
        return super().transcribe(utterances, wishes)


def blocks_of(sound: Sound, seconds: float) -> Iterator[Sound]:
    size = round(seconds * sound.sample_rate_hz)
    for start in range(0, len(sound.samples), size):
        yield Sound(sound.samples[start : start + size], sound.sample_rate_hz)


def test_a_clip_reaches_the_engine_sample_by_sample(speech: Sound) -> None:
    engine = Spy()
    list(Transcriber(engine).segments(blocks_of(speech, 0.7), Wishes()))
    [[samples]] = engine.batches
    assert np.array_equal(samples, speech.samples)


def test_times_are_those_of_the_recording(speech: Sound) -> None:
    turns = conversation(speech, 3)
    segments = list(Transcriber(Fake()).segments(blocks_of(turns, 2.0), Wishes(word_times=True)))
    period = speech.seconds + 3.0
    starts = [number * period for number in range(3)]
    firsts = [segment for segment in segments if any(abs(segment.start_seconds - start) < 0.6 for start in starts)]
    assert len(firsts) == 3
    for segment in segments:
        assert segment.start_seconds == segment.words[0].start_seconds
        assert segment.end_seconds == segment.words[-1].end_seconds <= turns.seconds
    assert [segment.start_seconds for segment in segments] == sorted(segment.start_seconds for segment in segments)


@pytest.mark.parametrize("seconds", [0.1, 1.0, 5.0, 100.0])
def test_blocks_make_no_difference(speech: Sound, seconds: float) -> None:
    turns = conversation(speech, 2)
    whole = list(Transcriber(Fake()).segments([turns], Wishes()))
    assert list(Transcriber(Fake()).segments(blocks_of(turns, seconds), Wishes())) == whole


@pytest.mark.parametrize("sound", [silence(0.01), silence(30.0)])
def test_the_engine_is_never_asked_about_silence(sound: Sound) -> None:
    engine = Spy()
    pieces = list(Transcriber(engine).pieces([sound], Wishes()))
    assert engine.batches == []
    assert [piece.segments for piece in pieces] == [[]] * len(pieces)
    assert pieces[-1].heard_seconds == pytest.approx(sound.seconds)


def test_of_a_long_recording_the_engine_gets_batches_and_gives_turns(speech: Sound) -> None:
    engine = Spy()
    turns = conversation(speech, 6)
    pieces = list(Transcriber(engine).pieces(blocks_of(turns, 1.0), Wishes()))
    assert [len(batch) for batch in engine.batches] == [4, 2]
    assert len(pieces) > len(turns.samples) / RATE_HZ
    seconds = [piece.heard_seconds for piece in pieces]
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(turns.seconds)


def test_one_utterance_at_a_time_is_told_before_the_next_is_decoded(speech: Sound) -> None:
    engine = Spy()
    turns = conversation(speech, 3, pause_seconds=4.0)
    transcriber = Transcriber(engine)
    whole = list(transcriber.segments([turns], Wishes()))
    engine.batches.clear()
    pieces = [piece for piece in transcriber.pieces(blocks_of(turns, 1.0), Wishes(), at_once=1) if piece.segments]
    assert [segment for piece in pieces for segment in piece.segments] == whole
    assert [len(batch) for batch in engine.batches] == [1, 1, 1]
    for piece in pieces:
        assert piece.heard_seconds - piece.segments[-1].end_seconds < 6.0


def test_never_more_at_once_than_the_engine_takes(speech: Sound) -> None:
    engine = Spy()
    list(Transcriber(engine).pieces([conversation(speech, 6)], Wishes(), at_once=100))
    assert [len(batch) for batch in engine.batches] == [4, 2]


@pytest.mark.parametrize("at_once", [1, None])
def test_a_recording_has_one_language(speech: Sound, at_once: int | None) -> None:
    """However short the utterance that it begins with."""
    hello = Sound(speech.samples[: RATE_HZ * 3 // 2], RATE_HZ)
    talk = Sound(np.concatenate([speech.samples, speech.samples]), RATE_HZ)
    sound = np.concatenate([part.samples for part in (hello, silence(4), talk, silence(4), hello, silence(4)) * 3])
    pieces = list(Transcriber(Polyglot()).pieces([Sound(sound, RATE_HZ)], Wishes(), at_once=at_once))
    assert [segment.language for piece in pieces for segment in piece.segments] == ["en"] * 9
    told = list(Transcriber(Polyglot()).segments([Sound(sound, RATE_HZ)], Wishes(language="de")))
    assert [segment.language for segment in told] == ["de"] * 9


def test_an_only_utterance_is_in_the_language_that_the_engine_hears(speech: Sound) -> None:
    Polyglot.asked_seconds.clear()
    [segment] = Transcriber(Polyglot()).segments([speech], Wishes())
    assert (segment.language, Polyglot.asked_seconds) == ("de", [])


def test_segments_without_text_are_left_out_and_spaces_round_it(speech: Sound) -> None:
    class Wordy(Fake):
        def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
            words = (Word(" hello ", 0.0, 0.5),)
            return [[Segment(" ", 0, 1), Segment(" hello ", 0, 1, words=words), Segment("", 1, 2)] for _ in utterances]

    [segment] = Transcriber(Wordy()).segments([speech], Wishes())
    assert (segment.text, segment.words[0].text) == ("hello", "hello")


def test_the_engines_work_is_measured(speech: Sound) -> None:
    measured: list[object] = []

    def timed(work: object, *arguments: object) -> object:
        measured.append(work)
        return work(*arguments)  # type: ignore[operator]

    engine = Fake()
    assert list(Transcriber(engine, timed).segments([speech], Wishes()))
    assert measured == [engine.transcribe]


def test_a_long_recording_is_never_held_whole(speech: Sound) -> None:
    minutes = 3

    class Short(Fake):
        longest_seconds = 8.0

    def blocks() -> Iterator[Sound]:
        for _ in range(round(60 * minutes / speech.seconds)):
            yield Sound(speech.samples.copy(), RATE_HZ)

    tracemalloc.start()
    try:
        segments = list(Transcriber(Short()).segments(blocks(), Wishes()))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert segments[-1].end_seconds > 60 * minutes - 10
    batch_bytes = 4 * Short.utterances_at_once * Short.longest_seconds * RATE_HZ
    assert peak_bytes < 2.5 * batch_bytes < 4 * 60 * minutes * RATE_HZ
