"""Alignment finds where sounds begin and end in recordings of which only the symbols are known."""

import numpy as np
import pytest

from training.voices.world.align import Aligner, Sentence, unit_of

SYMBOLS = ["^", "$", " ", "a", "b", "s", "ˈ"]
UNITS = [unit_of(symbol, is_edge=symbol in "^$") for symbol in SYMBOLS]
SOUNDS = np.random.default_rng(0).normal(scale=3, size=(len(SYMBOLS), 8))
SOUNDS[:2] = SOUNDS[2]  # silence is silence


def spoken(random: np.random.Generator, text: str, durations: list[int]) -> Sentence:
    """Return a sentence in which each symbol sounds like itself, with noise."""
    ids = np.array([SYMBOLS.index(symbol) for symbol in text])
    heard = np.repeat(SOUNDS[ids], durations, axis=0) + random.normal(scale=0.5, size=(sum(durations), 8))
    return Sentence(ids, heard.astype(np.float32))


def corpus(count: int) -> tuple[list[Sentence], list[list[int]]]:
    random = np.random.default_rng(1)
    sentences, truths = [], []
    for _ in range(count):
        words = ["".join(random.choice(list("abs"), random.integers(2, 5))) for _ in range(3)]
        text = "^" + " ".join("ˈ" + word for word in words) + "$"
        lengths = {"ˈ": [0], " ": [0, 9]}
        truth = [int(random.choice(lengths.get(symbol, range(3, 12)))) for symbol in text]
        sentences.append(spoken(random, text, truth))
        truths.append(truth)
    return sentences, truths


def test_finds_the_durations() -> None:
    sentences, truths = corpus(80)
    aligner = Aligner(UNITS, 8)
    likelihoods = list(aligner.learn(sentences))
    found = aligner.durations(sentences)
    assert likelihoods[-1] > likelihoods[0]
    for sentence, durations in zip(sentences, found, strict=True):
        assert durations.sum() == len(sentence.heard)
    wrong = np.concatenate([np.abs(np.cumsum(d) - np.cumsum(t)) for d, t in zip(found, truths, strict=True)])
    # Where the same sound comes twice there is no boundary to be heard.
    assert np.median(wrong) == 0
    assert np.mean(wrong <= 2) > 0.8


def test_pauses_that_are_not_made_and_stress_take_no_time() -> None:
    sentences, truths = corpus(80)
    aligner = Aligner(UNITS, 8)
    list(aligner.learn(sentences))
    for durations, truth, sentence in zip(aligner.durations(sentences), truths, sentences, strict=True):
        for id, frames, real in zip(sentence.ids, durations, truth, strict=True):
            if SYMBOLS[id] == "ˈ":
                assert frames == 0
            elif SYMBOLS[id] == " ":
                assert (frames > 0) == (real > 0)


@pytest.mark.parametrize(
    ("symbol", "states", "may_be_skipped"),
    [("a", 2, 0), ("ʃ", 2, 0), ("ˈ", 0, 0), ("ː", 0, 0), ("\u0303", 0, 0), (" ", 1, 1), (",", 1, 1)],
)
def test_what_takes_time(symbol: str, states: int, may_be_skipped: int) -> None:
    unit = unit_of(symbol)
    assert (unit.states, unit.may_be_skipped) == (states, may_be_skipped)
