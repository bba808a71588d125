"""The likeliest text of letters' probabilities: a CTC beam search over KenLM (flashlight-text), or over letters alone.

Weighed as Mozilla's decoder weighs: alpha on the natural logarithm of each word's probability, beta for each word, no
word that the scorer has not. Other than there, the end of the sentence counts, too.
"""

import math
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from flashlight.lib.text.decoder import (
    LM,
    CriterionType,
    LexiconDecoder,
    LexiconDecoderOptions,
    LexiconFreeDecoder,
    LexiconFreeDecoderOptions,
    SmearingMode,
    Trie,
    ZeroLM,
)
from flashlight.lib.text.decoder.kenlm import KenLM
from flashlight.lib.text.dictionary import Dictionary
from numpy.typing import NDArray

from services.stt.engines.deepspeech_alphabet import SPACE
from services.stt.engines.deepspeech_network import Probabilities
from services.stt.engines.deepspeech_scorer import Scorer

_THRESHOLD: Final = 50.0
"""Texts that are less likely than the best by this natural logarithm are given up."""
_KEYWORD_BOOST: Final = 3.0
"""Keywords count as a thousand times as likely: what is added to their logarithm to base ten."""
_LEAST = np.finfo(np.float32).tiny
_NEVER = -1e9
_NOTHING_UNKNOWN, _NO_TRANSITIONS, _BY_LETTERS = -1, (), False


class Decoder(Protocol):
    """Begins decodings; may be used by several threads."""

    @abstractmethod
    def begin(self, keywords: Collection[str]) -> "Decoding":
        """Begin an utterance."""


class Decoding:
    """The search through one utterance."""

    def __init__(self, search: Any, language: Any, closing: Probabilities) -> None:
        self._search, self._closing = search, closing
        self._language = language  # the search does not keep alive what Python made
        self._scores: list[NDArray[np.float32]] = []
        search.decode_begin()

    def feed(self, probabilities: Probabilities) -> None:
        """Take the next frames, float32 [n, letters + 1]. The search holds Python's lock, so they should be few."""
        self._scores.append(np.log(np.maximum(probabilities, _LEAST)))
        self._step(self._scores[-1])

    def finish(self) -> tuple[list[int], NDArray[np.float32]]:
        """Return the label of each frame in the best text, and the natural logarithm of its probability there."""
        self._step(self._closing)
        self._search.decode_end()
        scores = np.concatenate([*self._scores, self._closing])
        # A label before the first frame is the decoder's own.
        labels = self._search.get_all_final_hypothesis()[0].tokens[1 : len(scores) + 1]
        count = len(scores) - len(self._closing)
        return labels[:count], scores[np.arange(count), labels[:count]]

    def _step(self, scores: NDArray[np.float32]) -> None:
        if len(scores):
            self._search.decode_step(np.ascontiguousarray(scores).ctypes.data, *scores.shape)


class LetterDecoder(Decoder):
    """Any letters in any order."""

    def __init__(self, letters: int, beam_width: int) -> None:
        self._blank = letters
        self._options = LexiconFreeDecoderOptions(
            beam_width, letters + 1, _THRESHOLD, 0.0, 0.0, True, CriterionType.CTC
        )

    def begin(self, keywords: Collection[str]) -> Decoding:
        """Begin an utterance; keywords change nothing."""
        language = ZeroLM()
        search = LexiconFreeDecoder(self._options, language, 0, self._blank, _NO_TRANSITIONS)
        return Decoding(search, language, np.empty((0, self._blank + 1), np.float32))


class WordDecoder(Decoder):
    """The words of a scorer, as likely as its language model says."""

    def __init__(self, path: str, scorer: Scorer, alphabet: Sequence[str], beam_width: int) -> None:
        """Raises RuntimeError and ValueError for a file that KenLM does not read."""
        self._space, self._blank = alphabet.index(SPACE), len(alphabet)
        self._words = _dictionary(scorer.words)
        self._language = KenLM(path, self._words)
        self._trie = self._spelled(scorer.words, alphabet)
        self._options = LexiconDecoderOptions(
            *(beam_width, len(alphabet) + 1, _THRESHOLD, scorer.alpha * math.log(10), scorer.beta),
            *(-math.inf, 0.0, True, CriterionType.CTC),
        )
        # The last word may end without a space: behind the sound it gets one, unless it has it.
        self._closing = np.full((1, len(alphabet) + 1), _NEVER, np.float32)
        self._closing[0, [self._space, self._blank]] = 0.0

    def begin(self, keywords: Collection[str]) -> Decoding:
        """Begin an utterance; keywords that are among the scorer's words are likelier."""
        spoken = {word for keyword in keywords for word in keyword.casefold().split()}
        boosts = {self._words.get_index(word): _KEYWORD_BOOST for word in spoken if self._words.contains(word)}
        language = _Boosted(self._language, boosts) if boosts else self._language
        search = LexiconDecoder(
            *(self._options, self._trie, language, self._space, self._blank),
            *(_NOTHING_UNKNOWN, _NO_TRANSITIONS, _BY_LETTERS),
        )
        return Decoding(search, language, self._closing)

    def _spelled(self, words: Sequence[str], alphabet: Sequence[str]) -> Trie:
        labels = {letter: label for label, letter in enumerate(alphabet)}
        trie = Trie(len(alphabet) + 1, self._space)
        nothing = self._language.start(True)
        for index, word in enumerate(words):
            spelling = [*(labels[letter] for letter in word), self._space]
            trie.insert(spelling, index, self._language.score(nothing, index)[1])
        trie.smear(SmearingMode.MAX)
        return trie


class _Boosted(LM):  # type: ignore[misc]
    """A language model to which some words are likelier."""

    def __init__(self, language: Any, boosts: Mapping[int, float]) -> None:
        super().__init__()
        self._language, self._boosts = language, boosts

    def start(self, with_nothing: bool) -> Any:
        return self._language.start(with_nothing)

    def score(self, state: Any, word: int) -> tuple[Any, float]:
        after, score = self._language.score(state, word)
        return after, score + self._boosts.get(word, 0.0)

    def finish(self, state: Any) -> tuple[Any, float]:
        finished: tuple[Any, float] = self._language.finish(state)
        return finished


def _dictionary(words: Sequence[str]) -> Dictionary:
    dictionary = Dictionary()
    for word in words:
        dictionary.add_entry(word)
    return dictionary
