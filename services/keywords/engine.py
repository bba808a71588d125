"""What an engine that hears words is: pictures of sound in, how likely each word is out."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.keywords.features import Features, Pictures

UNKNOWN = "unknown"
"""Label of speech that holds none of the words."""
SILENCE = "silence"
"""Label of sound without speech."""

ENGINES = {
    "onnx": "services.keywords.engines.onnx:Onnx",
    "fake": "services.keywords.engines.fake:Fake",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in n windows."""

    scores: NDArray[np.float32]
    """[n, labels]: how likely each label is; rows sum to one."""
    embeddings: NDArray[np.float32]
    """[n, d]: what the network made of the sound before it chose a word; d is 0 where a model does not tell it."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which on a word is taken, as the model's training found them."""

    clip: float
    """For a recording that is one command."""
    stream: float
    """For a long recording, most of which is none."""
    words: Mapping[str, "Thresholds"] = field(default_factory=dict)
    """For words that have their own, which then hold in place of these."""


class KeywordEngine(Protocol):
    """Hears words. Stateless between calls, and called from several threads at once."""

    labels: tuple[str, ...]
    """The words, and `unknown` and `silence` where the model has them."""
    features: Features
    thresholds: Thresholds
    negatives: NDArray[np.float32]
    """[m, d]: embeddings of sound against which a word of a caller's own is learned; m is 0 where none can be."""

    @abstractmethod
    def hear(self, pictures: Pictures) -> Heard:
        """Judge windows, float32 (n, frames, bins) as `features` makes them; n may be 0. Blocks."""
