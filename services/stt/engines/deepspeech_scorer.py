"""DeepSpeech's .scorer file: a KenLM model, and behind it the weights of it and all its words.

KenLM reads its own part and does not mind what follows. The words are only in the second part, an automaton of OpenFst
("const" over "standard" arcs) whose every path is a word and a space (native_client/ctcdecode/scorer.cpp and
decoder_utils.cpp): released scorers are built without KenLM's own list of them.
"""

import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.stt.engines.deepspeech_alphabet import SPACE
from shared.problems import ModelCorrupt

_HEAD = struct.Struct("<4si?dd")
"""Magic number, version, whether words are bytes, alpha and beta."""
_MAGIC, _VERSION = b"EIRT", 6
_FST = struct.pack("<ii5si8s", 2_125_659_606, 5, b"const", 8, b"standard")
_FST_NUMBERS = struct.Struct("<iiQqqq")
"""Version, flags, properties, first state, number of states and of arcs."""
_ALIGNED = 4
_STATE = np.dtype([("weight", "<f4"), ("first_arc", "<u4"), ("arcs", "<u4"), ("epsilons", "<u4", 2)])
_ARC = np.dtype([("label", "<i4"), ("output", "<i4"), ("weight", "<f4"), ("next", "<i4")])
_MOST_LETTERS, _MOST_WORDS = 100, 5_000_000


@dataclass(frozen=True, slots=True)
class Scorer:
    """What stands behind the language model."""

    words: Sequence[str]
    alpha: float
    """Weight of a word's natural logarithm of probability."""
    beta: float
    """What each word adds."""


def read_scorer(path: Path, alphabet: Sequence[str]) -> Scorer:
    """Read a scorer that was made for this alphabet. Raises ModelCorrupt."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.rfind(_FST)
            magic, version, is_bytes, alpha, beta = _HEAD.unpack(data[max(0, at - _HEAD.size) : at])
            if (magic, version) != (_MAGIC, _VERSION):
                raise ModelCorrupt("The scorer is not of DeepSpeech 0.9.")
            if is_bytes:
                raise ModelCorrupt("The scorer is for models that write the bytes of UTF-8; they are not served.")
            states, arcs, first = _automaton(data, at + len(_FST))
        words = list(_words(states, arcs, first, alphabet))
    except (struct.error, ValueError, IndexError, OSError) as error:
        raise ModelCorrupt("The scorer cannot be read.") from error
    return Scorer(words, alpha, beta)


def _automaton(data: mmap.mmap, at: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]], int]:
    """Return (first arc, number of arcs) of each state, (label, next state) of each arc, and the first state."""
    _, flags, _, first, state_count, arc_count = _FST_NUMBERS.unpack_from(data, at)
    at = _aligned(at + _FST_NUMBERS.size, flags)
    states = np.frombuffer(data[at : at + state_count * _STATE.itemsize], _STATE)
    at = _aligned(at + states.nbytes, flags)
    arcs = np.frombuffer(data[at : at + arc_count * _ARC.itemsize], _ARC)
    if (len(states), len(arcs)) != (state_count, arc_count):
        raise ValueError("an automaton that breaks off")
    return (
        list(zip(states["first_arc"].tolist(), states["arcs"].tolist(), strict=True)),
        list(zip(arcs["label"].tolist(), arcs["next"].tolist(), strict=True)),
        first,
    )


def _aligned(at: int, flags: int) -> int:
    return -(-at // 16) * 16 if flags & _ALIGNED else at


def _words(
    states: Sequence[tuple[int, int]], arcs: Sequence[tuple[int, int]], first: int, alphabet: Sequence[str]
) -> Iterator[str]:
    """Yield each path. Raises ValueError for more or longer ones than any language's words."""
    count, paths = 0, [(first, "")]
    while paths:
        state, word = paths.pop()
        first_arc, number = states[state]
        for label, after in arcs[first_arc : first_arc + number]:
            if alphabet[label - 1] != SPACE:  # label 0 is OpenFst's empty one
                paths.append((after, word + alphabet[label - 1]))
                continue
            yield word
            count += 1
        if len(word) > _MOST_LETTERS or count + len(paths) > _MOST_WORDS:
            raise ValueError("no list of words")
