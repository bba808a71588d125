"""Several runs of one algorithm whose calls of a model are answered together, so that none comes out otherwise."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import ctranslate2
import numpy as np
from greenlet import getcurrent, greenlet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Call:
    """What one run wants to have generated."""

    encoded: ctranslate2.StorageView
    prompt: Sequence[int]
    options: Mapping[str, Any]


class Batched:
    """A CTranslate2 Whisper as one run sees it; what it asks to be generated waits until all runs ask."""

    def __init__(self, model: ctranslate2.models.Whisper) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, encoded: ctranslate2.StorageView, prompts: Sequence[Sequence[int]], **options: object) -> Any:
        """Return what the model generates for the one prompt. Only a run of `run_batched` may call it."""
        hub = getcurrent().parent
        assert hub is not None
        return [hub.switch(_Call(encoded, prompts[0], options))]


def run_batched(model: ctranslate2.models.Whisper, works: Sequence[Callable[[Batched], T]]) -> list[T]:
    """Do all `works` in turns, in this thread, each with a model of its own, and return their results.

    Whenever each of them waits for `generate`, calls with the same options are given to `model` as one batch. Raises
    what a work raises; the others are then given up.
    """
    runs = [greenlet(work) for work in works]
    states: list[Any] = [run.switch(Batched(model)) for run in runs]
    while waiting := [number for number, run in enumerate(runs) if not run.dead]:
        for batch in _alike(waiting, states):
            answers = _generated(model, [states[number] for number in batch])
            for number, answer in zip(batch, answers, strict=True):
                states[number] = runs[number].switch(answer)
    return states


def _alike(numbers: Sequence[int], calls: Sequence[_Call]) -> Iterator[list[int]]:
    """Yield the numbers whose calls may be one batch: such as have the same options, and prompts of one length."""
    batches: dict[str, list[int]] = {}
    for number in numbers:
        batches.setdefault(f"{len(calls[number].prompt)} {calls[number].options}", []).append(number)
    yield from batches.values()


def _generated(model: ctranslate2.models.Whisper, calls: Sequence[_Call]) -> Any:
    encoded = calls[0].encoded
    if len(calls) > 1:
        encoded = ctranslate2.StorageView.from_array(np.concatenate([np.asarray(call.encoded) for call in calls]))
    return model.generate(encoded, [list(call.prompt) for call in calls], **calls[0].options)
