"""Words in sound: the right ones at the right times, however the sound comes, and in little memory."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.keywords.answers import KeywordsAnswer, Match, Vocabulary
from services.keywords.engine import Heard
from services.keywords.engines.fake import TONES_HZ, Fake
from services.keywords.features import Pictures
from services.keywords.hearing import Hearing
from shared.audio import Samples
from tests.services.keywords.tones import WORD_SECONDS, noise, spoken, tone

FAKE = Fake()
WORDS = list(TONES_HZ)
CONVERSATION = spoken(0.8, "yes", 1.0, "stop", 0.6, "go", 2.0, "left", 1.2).samples

parts = st.lists(st.sampled_from(WORDS) | st.floats(0.01, 2.0), min_size=1, max_size=12)


def hearing(threshold: float | None = None, *allowed: str, is_clip: bool = False) -> Hearing:
    vocabulary = Vocabulary(FAKE.labels, allowed)
    least = vocabulary.least(FAKE.thresholds, threshold, is_clip=is_clip)
    return Hearing(FAKE, vocabulary, least, is_clip=is_clip)


def heard(samples: Samples, cuts: list[int] | None = None, threshold: float | None = None) -> list[Match]:
    ear = hearing(threshold)
    *pieces, last = np.split(samples, sorted(cuts or []))
    return [match for piece in pieces for match in ear.feed(piece)] + ear.finish(last)


def answer(samples: Samples, *allowed: str, is_clip: bool = False) -> KeywordsAnswer:
    ear = hearing(None, *allowed, is_clip=is_clip)
    return ear.answer("fake/1", ear.finish(samples))


def test_words_are_where_they_were_spoken() -> None:
    matches = heard(CONVERSATION)
    assert [match.keyword for match in matches] == ["yes", "stop", "go", "left"]
    for match, start in zip(matches, [0.8, 2.3, 3.4, 5.9], strict=True):
        assert match.start_seconds == pytest.approx(start, abs=0.2)
        assert match.end_seconds == pytest.approx(start + WORD_SECONDS, abs=0.2)


@given(st.lists(st.integers(0, len(CONVERSATION)), max_size=60))
@settings(deadline=None, max_examples=12)
def test_cuts_change_nothing(cuts: list[int]) -> None:
    assert heard(CONVERSATION, cuts) == heard(CONVERSATION)


@given(parts, st.sampled_from([0.0, 0.3, None, 1.0]))
@settings(deadline=None, max_examples=25)
def test_matches_lie_within_the_sound_and_apart(parts: list[str | float], threshold: float | None) -> None:
    sound = spoken(*parts)
    matches = heard(sound.samples, threshold=threshold)
    for match in matches:
        assert 0 <= match.start_seconds < match.end_seconds <= round(sound.seconds, 2)
        assert match.keyword in WORDS
        assert threshold is None or match.score >= threshold - 1e-4
    assert all(one.end_seconds <= next_one.start_seconds for one, next_one in pairwise(matches))


@given(parts)
@settings(deadline=None, max_examples=12)
def test_a_higher_threshold_hears_nothing_new(parts: list[str | float]) -> None:
    samples = spoken(*parts).samples
    assert len(heard(samples, threshold=0.9)) <= len(heard(samples, threshold=0.4))
    assert heard(samples, threshold=1.0) == []


@pytest.mark.parametrize("seconds", [0.001, 0.5, 1.0, 1.05, 3.0, 20.0])
def test_silence_and_noise_are_no_words(seconds: float) -> None:
    silence, rustle = answer(spoken(seconds).samples), answer(noise(seconds).samples)
    assert (silence.keyword, silence.matches) == ("silence", [])
    assert (rustle.keyword, rustle.matches) == ("unknown" if seconds > 0.1 else rustle.keyword, [])


@pytest.mark.parametrize("samples", [1, 100, 1_600, 8_000, 15_999])
def test_a_sound_shorter_than_a_window_lies_in_its_middle(samples: int) -> None:
    told = answer(tone(TONES_HZ["up"], samples / 16_000), is_clip=True)
    assert told.duration_seconds == round(samples / 16_000, 2)
    assert all(0 <= match.start_seconds < match.end_seconds <= told.duration_seconds for match in told.matches)
    if samples >= 1_600:
        assert [match.keyword for match in told.matches] == ["up"]
        assert told.score > 0.96, "in the middle it is heard best"


@pytest.mark.parametrize("parts", [("up", 3.0), (3.0, "up"), ("up",)])
def test_a_word_at_the_edge_of_a_stream_is_heard(parts: tuple[str | float, ...]) -> None:
    sound = spoken(*parts)
    [match] = answer(sound.samples).matches
    assert match.keyword == "up"
    assert 0 <= match.start_seconds < match.end_seconds <= sound.seconds


def test_nothing_at_all_is_silence() -> None:
    told = answer(np.zeros(0, np.float32))
    assert (told.keyword, told.matches, told.duration_seconds) == ("silence", [], 0.0)


def test_words_that_are_not_allowed_are_unknown() -> None:
    assert [match.keyword for match in answer(CONVERSATION, "stop", "go").matches] == ["stop", "go"]
    told = answer(spoken(0.25, "yes", 0.25).samples, "stop", "go")
    assert (told.keyword, told.matches) == ("unknown", [])
    assert told.score > 0.9
    assert [scored.keyword for scored in told.top] == ["unknown", "stop", "go", "silence"]


def test_the_best_window_is_the_answer() -> None:
    told = answer(CONVERSATION)
    best = max(told.matches, key=lambda match: match.score)
    assert (told.keyword, told.score) == (best.keyword, best.score) == (told.top[0].keyword, told.top[0].score)


class Deaf(Fake):
    """Costs nothing but the pictures."""

    def hear(self, pictures: Pictures) -> Heard:
        return Heard(np.zeros((len(pictures), len(self.labels)), np.float32), np.empty((len(pictures), 0), np.float32))


def test_a_long_sound_needs_little_memory() -> None:
    samples = np.tile(CONVERSATION, 20)
    all_pictures_bytes = FAKE.features.shape[0] * FAKE.features.shape[1] * 4 * len(samples) // 1_600
    vocabulary = Vocabulary(Deaf.labels)
    ear = Hearing(Deaf(), vocabulary, vocabulary.least(Deaf.thresholds, None, is_clip=False))
    tracemalloc.start()
    try:
        for start in range(0, len(samples), 128_000):
            ear.feed(samples[start : start + 128_000])
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 20_000_000 < all_pictures_bytes
