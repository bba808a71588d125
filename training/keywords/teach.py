"""What trained networks say of pictures, for another one to learn from.

A small network that learns the mean of several larger ones on the very pictures that it sees itself, for long, comes
closer to them than the labels bring it (Hinton et al. 2015, arXiv:1503.02531; Beyer et al. 2022, arXiv:2106.05237).
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

from training.keywords.batches import Opinion
from training.keywords.runs import MODEL


def opinion_of(folders: Sequence[Path]) -> Opinion:
    """Return the mean opinion of the networks of trained runs. Raises OSError, ValueError where there is none."""
    networks = [keras.saving.load_model(folder / MODEL, compile=False) for folder in folders]

    @tensorflow.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def mean(pictures: tensorflow.Tensor) -> tensorflow.Tensor:
        said = [tensorflow.nn.softmax(network(pictures, training=False)) for network in networks]
        return tensorflow.add_n(said) / len(said)

    def opinion(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(mean(tensorflow.constant(pictures)))

    return opinion
