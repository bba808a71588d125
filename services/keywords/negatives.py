"""The bank of a model: embeddings of other words, read speech and noise, against which a caller's word is learned."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.problems import ModelCorrupt
from shared.store import LocalModel

NEGATIVES: Final = "negatives.npy"
_FEWEST = 100
_MOST = 20_000


def negatives_of(model: LocalModel, dimensions: int) -> NDArray[np.float32]:
    """Return a model's bank, [m, dimensions], or none of a model that has no such file. Raises ModelCorrupt."""
    if NEGATIVES not in model.manifest.files:
        return np.empty((0, dimensions), np.float32)
    try:
        found = np.load(model.file(NEGATIVES), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelCorrupt(f"The keyword model's {NEGATIVES} cannot be read.") from error
    if not _is_bank(found, dimensions):
        raise ModelCorrupt(f"The keyword model's {NEGATIVES} holds no {_FEWEST} to {_MOST} of its embeddings.")
    return np.asarray(found, np.float32)


def _is_bank(found: NDArray[np.generic], dimensions: int) -> bool:
    has_shape = found.ndim == 2 and _FEWEST <= len(found) <= _MOST and found.shape[1] == dimensions > 0
    return has_shape and found.dtype in (np.float16, np.float32) and bool(np.isfinite(found).all())
