"""The language of a recording: told, or that of the longest of its first utterances, in any company."""

from itertools import accumulate

import pytest

from services.stt.engine import Wishes
from services.stt.engines.fake import Fake
from services.stt.spoken import SpokenLanguage
from services.stt.utterances import Utterance
from tests.services.stt.polyglot import Polyglot, utterance_of


@pytest.fixture
def engine() -> Polyglot:
    Polyglot.asked_seconds.clear()
    return Polyglot()


def utterances_of(*seconds: float) -> list[Utterance]:
    ends = list(accumulate(seconds))
    return [Utterance(utterance_of(length), end - length, end) for length, end in zip(seconds, ends, strict=True)]


def language_for(engine: Fake, wishes: Wishes | None = None) -> SpokenLanguage:
    return SpokenLanguage(wishes or Wishes(), engine.abilities, engine.language_of)


def test_the_longest_of_the_first_utterances_tells(engine: Polyglot) -> None:
    language = language_for(engine)
    language.hear(utterances_of(1, 3, 9, 2, 20))
    assert (language.wishes.language, engine.asked_seconds) == ("en", [9])
    assert language.is_settled


def test_one_that_is_told_is_believed(engine: Polyglot) -> None:
    language = language_for(engine, Wishes(language="de"))
    assert language.is_settled
    language.hear(utterances_of(9, 9))
    assert (language.wishes.language, engine.asked_seconds) == ("de", [])


def test_engines_that_do_not_detect_it_are_not_asked() -> None:
    language = language_for(Fake())
    assert language.is_settled
    language.hear(utterances_of(9, 9))
    assert language.wishes == Wishes()


def test_of_an_only_utterance_the_engine_finds_out_while_it_writes(engine: Polyglot) -> None:
    language = language_for(engine)
    language.hear(utterances_of(9))
    assert (language.wishes.language, engine.asked_seconds) == (None, [])


def test_one_after_the_other_as_long_as_they_get_longer(engine: Polyglot) -> None:
    language, known = language_for(engine), []
    for utterance in utterances_of(2, 1, 9, 3, 4, 2):
        language.hear([utterance])
        known.append(language.wishes.language)
    assert known == [None, "de", "en", "en", "en", "en"]
    assert engine.asked_seconds == [2, 9]


def test_all_else_that_is_wished_stays(engine: Polyglot) -> None:
    wishes = Wishes(task="translate", prompt="before", keywords=("word",), word_times=True)
    language = language_for(engine, wishes)
    language.hear(utterances_of(9, 9))
    assert language.wishes == Wishes("translate", "en", "before", keywords=("word",), word_times=True)
