"""Transcripts of pieces."""

from dataclasses import replace

from gateway.transcripts.joining import joined
from tests.gateway.transcripts.said import said


def test_times_go_on_and_texts_follow() -> None:
    first, second = said("Hello there."), replace(said("Yes", "No."), warnings=("late",))
    whole = joined([(0.0, first), (600.25, second)])
    assert whole.text == "Hello there. Yes No."
    assert [item.start_seconds for item in whole.words] == [0.0, 0.5, 600.25, 601.75]
    assert [passage.end_seconds for passage in whole.passages] == [1.0, 600.75, 602.25]
    assert (whole.duration_seconds, whole.language, whole.warnings) == (603.25, "en", ("late",))


def test_one_piece_is_the_whole() -> None:
    assert joined([(0.0, said("Hello there."))]) == said("Hello there.")


def test_the_language_is_that_of_the_first_with_words() -> None:
    assert joined([(0.0, said("", language=None)), (600.0, said("Ja", language="de"))]).language == "de"
