"""Which words count for a call, and what is said of a window's scores."""

import numpy as np
import pytest

from services.keywords.answers import Match, ScoredKeyword, Vocabulary
from services.keywords.engine import Thresholds
from services.keywords.scanning import Peak
from shared.problems import InvalidInput

LABELS = ("yes", "no", "unknown", "up", "silence")
THRESHOLDS = Thresholds(clip=0.4, stream=0.6, words={"no": Thresholds(clip=0.8, stream=0.9)})


def row(*scores: float) -> np.ndarray:
    return np.array(scores, np.float32)


def test_words_that_are_not_allowed_count_as_unknown() -> None:
    vocabulary = Vocabulary(LABELS, ["up", "yes"])
    assert vocabulary.labels == ("yes", "up", "unknown", "silence")
    folded = vocabulary.folded(np.array([[0.1, 0.2, 0.3, 0.15, 0.25]], np.float32))
    assert folded[0] == pytest.approx([0.1, 0.15, 0.5, 0.25])


def test_a_model_of_words_only_has_unknown_all_the_same() -> None:
    vocabulary = Vocabulary(("yes", "no"))
    assert vocabulary.labels == ("yes", "no", "unknown")
    scores = vocabulary.folded(row(0.55, 0.45)[None])[0]
    assert vocabulary.chosen(scores, row(0.6, 0.6)) == ScoredKeyword("unknown", 0.0)


@pytest.mark.parametrize("allowed", [["unknown"], ["silence"], ["yes", "Yes"], ["x" * 1000]])
def test_other_words_are_refused_and_the_known_ones_named(allowed: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Vocabulary(LABELS, allowed)
    assert "yes, no, up" in refused.value.detail
    assert refused.value.param == "keywords"
    assert len(refused.value.detail) < 100, "what was sent is not repeated"


def test_thresholds() -> None:
    vocabulary = Vocabulary(LABELS)
    assert vocabulary.least(THRESHOLDS, None, is_clip=True) == pytest.approx([0.4, 0.8, 0.4])
    assert vocabulary.least(THRESHOLDS, None, is_clip=False) == pytest.approx([0.6, 0.9, 0.6])
    assert vocabulary.least(THRESHOLDS, 0.0, is_clip=True) == pytest.approx([0, 0, 0])


@pytest.mark.parametrize(
    ("scores", "keyword"),
    [
        (row(0.5, 0.2, 0.1, 0.1, 0.1), "yes"),
        (row(0.4, 0.5, 0.1, 0.0, 0.0), "yes"),  # `no` is likelier, and below its own threshold
        (row(0.3, 0.3, 0.1, 0.2, 0.1), "unknown"),
        (row(0.1, 0.1, 0.1, 0.6, 0.1), "unknown"),
        (row(0.1, 0.1, 0.1, 0.1, 0.6), "silence"),
        (row(0.3, 0.0, 0.0, 0.35, 0.35), "unknown"),
    ],
)
def test_what_is_chosen(scores: np.ndarray, keyword: str) -> None:
    vocabulary = Vocabulary(LABELS)  # its labels are yes, no, up, unknown, silence
    assert vocabulary.chosen(scores, row(0.4, 0.9, 0.4)).keyword == keyword


def test_top_is_five_of_many_and_all_of_few() -> None:
    many = Vocabulary([f"word{number}" for number in range(9)])
    top = many.top(np.linspace(0, 1, 10, dtype=np.float32))
    assert [scored.keyword for scored in top] == ["unknown", "word8", "word7", "word6", "word5"]
    assert [scored.score for scored in top] == sorted((scored.score for scored in top), reverse=True)
    assert len(Vocabulary(["yes", "silence"]).top(row(0.1, 0.2, 0.7))) == 3


def test_figures_are_rounded() -> None:
    match = Vocabulary(LABELS).match(Peak(7, 1, 0.123456, 6, 8), (1 / 3, 2 / 3))
    assert match == Match("no", 0.1235, 0.33, 0.67)
