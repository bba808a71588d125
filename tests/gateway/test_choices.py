"""Precedence and smoothing."""

import pytest

from gateway.choices import SPOKEN, Choice, Heard, choose, manual
from shared.text.document import EMOTIONS, Document
from shared.text.parse import parse_text


def heard(label: str, score: float = 0.9, *, sure: bool = True) -> Heard:
    rest = (1 - score) / (len(SPOKEN) - 1)
    return Heard(label, {one: score if one == label else rest for one in SPOKEN}, sure)


def tagged(text: str) -> Document:
    return parse_text(text, "tagged")


UNSURE = heard("anger", 0.3, sure=False)


class TestPrecedence:
    def test_a_tag_beats_the_tagger_and_the_tagger_the_default(self) -> None:
        document = tagged("[sad 0.5]One is here.[/sad] Two is here. Three is here. Four is here.")
        choices = choose(document, [heard("anger"), heard("joy"), UNSURE, None])
        assert choices == [
            Choice("sad", 0.5, None, "manual"),
            Choice("happy", 1.0, 0.9, "auto"),
            Choice("neutral", 1.0, pytest.approx(0.7 / 6), "default"),
            Choice("neutral", 1.0, None, "default"),
        ]

    def test_every_label_is_spoken(self) -> None:
        assert set(SPOKEN.values()) < set(EMOTIONS)
        for label, emotion in SPOKEN.items():
            [choice] = choose(tagged("A sentence."), [heard(label)])
            assert (choice.emotion, choice.source) == (emotion, "auto")

    @pytest.mark.parametrize(("score", "intensity"), [(0.3, 0.6), (0.5, 0.6), (0.7, 0.8), (0.9, 1.0), (0.99, 1.0)])
    def test_what_is_surer_is_spoken_more_strongly(self, score: float, intensity: float) -> None:
        [choice] = choose(tagged("A sentence."), [heard("anger", score)])
        assert choice.intensity == intensity

    def test_of_several_tags_the_one_on_most_of_the_text_counts(self) -> None:
        [sentence] = tagged("[angry]No[/angry], said she, [sad 0.3]and wept bitterly[/sad].").sentences
        assert manual(sentence) == Choice("sad", 0.3, None, "manual")


class TestSmoothing:
    def choices(self, *opinions: Heard | None, text: str = "One is it. Two is it. Three is it.") -> list[Choice]:
        return choose(tagged(text), opinions)

    def test_an_unsure_sentence_between_two_alike_joins_them_weaker(self) -> None:
        before, between, after = self.choices(heard("anger", 0.9), UNSURE, heard("anger", 0.7))
        assert between == Choice("angry", 0.6, 0.3, "auto")
        assert between.intensity < after.intensity < before.intensity

    @pytest.mark.parametrize(
        "opinions",
        [
            (heard("anger"), UNSURE, heard("joy")),
            (heard("anger"), UNSURE, UNSURE),
            (UNSURE, heard("anger"), UNSURE),
            (heard("neutral"), UNSURE, heard("neutral")),
            (heard("anger"), None, heard("anger")),
        ],
    )
    def test_otherwise_it_stays_neutral(self, opinions: tuple[Heard | None, ...]) -> None:
        for choice, opinion in zip(self.choices(*opinions), opinions, strict=True):
            if opinion is None or not opinion.is_confident:
                assert (choice.emotion, choice.source) == ("neutral", "default")

    def test_a_sure_sentence_is_left_alone(self) -> None:
        assert self.choices(heard("anger"), heard("neutral"), heard("anger"))[1].emotion == "neutral"

    def test_moods_do_not_cross_paragraphs(self) -> None:
        choices = self.choices(heard("anger"), UNSURE, heard("anger"), text="One is it.\n\nTwo is it. Three is it.")
        assert choices[1].emotion == "neutral"

    def test_tags_are_no_neighbours(self) -> None:
        text = "[angry]One is it.[/angry] Two is it. [angry]Three is it.[/angry]"
        assert self.choices(None, UNSURE, None, text=text)[1].emotion == "neutral"
