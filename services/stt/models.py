"""The engines in use: built in or opened from the model store, warmed up, and changed without a dropped request."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np

from services.stt.engine import ENGINES, SpeechEngine, Wishes
from services.stt.settings import SttSettings
from shared import served
from shared.engines import find_engine
from shared.openai_names import TRANSCRIPTION_MODELS
from shared.problems import ModelCorrupt, ModelNotFound
from shared.store import LocalModel

Opened = served.Opened[SpeechEngine]
Current = served.Current[SpeechEngine]

Lease = Callable[[str | None], AbstractContextManager[Opened]]
"""Use, for one recording, the model that a caller names, with or without its version; None, empty and OpenAI's names
mean the default. All of a recording is heard by the same version. Raises ModelNotFound and Unavailable."""


@asynccontextmanager
async def started_models(settings: SttSettings) -> AsyncIterator[Lease]:
    """Open and warm up the models that the settings name; they are closed with the block.

    Raises LookupError for an engine that does not exist, and what the store raises for a default that it does not have.
    """
    async with served.all_serving(settings.model_names, partial(_opened, settings)) as currents:
        yield _lease_of(currents)


@asynccontextmanager
async def _opened(settings: SttSettings, name: str) -> AsyncIterator[Current]:
    """Open the engine of that name, where there is one that needs no model, else the store's model."""
    kind: Any = find_engine(ENGINES, name) if name in ENGINES else None
    if kind and not kind.needs_model:
        opened = Opened(f"{name}/{kind.version}", kind())
        _warm_up(opened.engine)
        yield lambda: nullcontext(opened)
        return
    async with served.serving(settings, name, partial(_open, settings.stt_threads), _warm_up) as current:
        yield current


def _open(threads: int, model: LocalModel) -> SpeechEngine:
    """Open a model with the engine that its manifest names. Raises ModelCorrupt."""
    try:
        kind: Any = find_engine(ENGINES, model.manifest.engine)
    except LookupError as error:
        raise ModelCorrupt(f"Model {model.manifest.name} is for an engine that writes down no speech.") from error
    engine: SpeechEngine = kind(model, threads)
    return engine


def _lease_of(currents: Mapping[str, Current]) -> Lease:
    """Return the lease of the served models, of which the first is the default."""
    default = next(iter(currents))

    @contextmanager
    def lease(name: str | None) -> Iterator[Opened]:
        wanted = default if not name or name in TRANSCRIPTION_MODELS else name
        with currents.get(wanted.partition("/")[0], currents[default])() as opened:
            if wanted not in (opened.model, opened.name):
                raise ModelNotFound("No model of that name and version is served here.", param="model")
            yield opened

    return lease


def _warm_up(engine: SpeechEngine) -> None:
    engine.transcribe([np.zeros(engine.sample_rate_hz, np.float32)], Wishes())
