"""Kaldi models in Vosk's layout, each for one language."""

from typing import Final

import numpy as np

from services.stt.engine import Abilities
from services.stt.engines.child_engine import ChildEngine
from services.stt.engines.children import Children, Limits
from shared.problems import EngineFailed, ModelCorrupt, TimedOut
from shared.store import LocalModel

_NEEDED_FILES: Final = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
_GRAPHS: Final = (
    frozenset({"graph/HCLG.fst"}),
    frozenset({"graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"}),
)
"""What the words are looked for in, whole or in the parts that are joined at run time."""
_MEMORY_BYTES: Final = 1 << 30
_MEMORY_OF_SIZE: Final = 8
"""What a child may use: this, and so many times the size of the model."""


class Vosk(ChildEngine):
    """Each utterance gets a recogniser of its own, so that none has adapted itself to another's voice."""

    needs_model = True
    longest_seconds = 60.0

    def __init__(self, model: LocalModel, threads: int) -> None:
        """Open a model; Kaldi works with one thread an utterance, whatever `threads` says.

        Raises ModelCorrupt, and Unavailable where no child can be started.
        """
        self.sample_rate_hz = model.manifest.sample_rate_hz or 16_000
        self.abilities = Abilities(tuple(model.manifest.languages) or ("en",))
        self._children = _opened(model, self.sample_rate_hz)


def _opened(model: LocalModel, sample_rate_hz: int) -> Children:
    """Return children that have a model, of which one has opened it and listened to a second of silence."""
    for name in _NEEDED_FILES:
        model.file(name)
    if not any(graph <= model.manifest.files.keys() for graph in _GRAPHS):
        raise ModelCorrupt("The Vosk model has no graph/HCLG.fst, nor the parts of one.")
    size_bytes = sum(file.size_bytes for file in model.manifest.files.values())
    limits = Limits(memory_bytes=_MEMORY_BYTES + _MEMORY_OF_SIZE * size_bytes)
    request = {"model": str(model.path.resolve()), "sample_rate_hz": sample_rate_hz}
    children = Children("services.stt.engines.vosk_child", limits, **request)
    try:
        children.words(np.zeros(sample_rate_hz, np.float32))
    except (EngineFailed, TimedOut) as error:  # Kaldi ends its process where it does not like a file
        raise ModelCorrupt("The Vosk model's files cannot be read.") from error
    return children
