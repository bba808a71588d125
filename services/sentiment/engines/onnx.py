"""An exported emotion model on onnxruntime, without torch."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from services.sentiment.calibration import Logits, read_calibration
from services.sentiment.engine import EmotionEngine, EmotionScores
from shared.onnx_session import open_session
from shared.problems import ModelCorrupt
from shared.store import LocalModel

OUTPUTS = ("ekman", "goemotions", "sentiment")
BATCH_TOKENS = 512
"""Tokens of one run, padding included. More do not run faster on a CPU and fall out of its cache."""
WINDOW_OVERLAP_TOKENS = 16
MOST_WINDOWS = 8
"""Windows of one text; what comes after them is not read."""

TokenIds = list[int]


class Onnx(EmotionEngine):
    """Texts longer than the model reads at once are read in overlapping windows, whose logits are averaged."""

    needs_model = True

    def __init__(self, model: LocalModel, threads: int) -> None:
        self._calibration = read_calibration(model.manifest.parameters)
        self.decisions = self._calibration.decisions
        self._tokenizer = _windowing(Tokenizer.from_file(str(model.file("tokenizer.json"))))
        self._session = open_session(model, threads)
        if not set(OUTPUTS) <= {output.name for output in self._session.get_outputs()}:
            raise ModelCorrupt(f"The emotion model lacks one of the outputs {', '.join(OUTPUTS)}.")

    def scores(self, texts: Sequence[str]) -> EmotionScores:
        """Return the scores of `texts`, in their order. Blocks; may be called from several threads at once."""
        windows: list[TokenIds] = []
        owners: list[int] = []
        for number, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            own = [encoding, *encoding.overflowing][:MOST_WINDOWS]
            windows += [window.ids for window in own]
            owners += [number] * len(own)
        return self._calibration.scores(_averaged(self._logits(windows), windows, owners, len(texts)))

    def _logits(self, windows: Sequence[TokenIds]) -> Logits:
        """Return the logits of each window, [windows, labels] for each output."""
        order: list[int] = []
        parts: list[Sequence[NDArray[np.float32]]] = []
        for batch in batches_of([len(window) for window in windows]):
            order += batch
            parts.append(self._session.run(OUTPUTS, _padded([windows[number] for number in batch])))
        back = np.argsort(order)
        return {name: np.concatenate([part[place] for part in parts])[back] for place, name in enumerate(OUTPUTS)}


def batches_of(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of `lengths`, shortest first, in batches of at most BATCH_TOKENS when padded."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: lengths[number]):
        if batch and (len(batch) + 1) * lengths[number] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _windowing(tokenizer: Tokenizer) -> Tokenizer:
    """Make `tokenizer` cut long texts into overlapping windows of the length it was exported with."""
    if tokenizer.truncation is None:
        raise ModelCorrupt("The emotion model's tokenizer does not say how many tokens the model reads.")
    longest: int = tokenizer.truncation["max_length"]
    tokenizer.enable_truncation(longest, stride=min(WINDOW_OVERLAP_TOKENS, longest // 4))
    tokenizer.no_padding()
    return tokenizer


def _padded(windows: Sequence[TokenIds]) -> dict[str, NDArray[np.int64]]:
    longest = max(len(window) for window in windows)
    mask = np.array([[1] * len(window) + [0] * (longest - len(window)) for window in windows], dtype=np.int64)
    ids = np.array([window + [0] * (longest - len(window)) for window in windows], dtype=np.int64)
    return {"input_ids": ids, "attention_mask": mask}


def _averaged(logits: Logits, windows: Sequence[TokenIds], owners: Sequence[int], texts: int) -> Logits:
    """Return the mean of each text's windows, weighted by their tokens: [texts, labels] for each output."""
    if len(windows) == texts:
        return logits
    shares = np.zeros((texts, len(windows)), dtype=np.float32)
    shares[owners, np.arange(len(windows))] = [len(window) for window in windows]
    shares /= shares.sum(axis=1, keepdims=True)
    return {name: shares @ values for name, values in logits.items()}
