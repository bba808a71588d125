"""The engines in use: opened from the model store, warmed up, and changed without a dropped request."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import numpy as np

from services.keywords.engine import ENGINES, KeywordEngine
from services.keywords.own.engine import WithOwnKeywords
from services.keywords.own.models import OwnModels
from services.keywords.settings import KeywordsSettings
from shared import served
from shared.engines import find_engine
from shared.problems import Conflict, ModelNotFound

Opened = served.Opened[KeywordEngine]
Current = served.Current[KeywordEngine]

Lease = Callable[[str | None, str | None], AbstractAsyncContextManager[Opened]]
"""Use, for one request, the model that a caller names, as `lease(name, caller)`.

`name` may be without a version, and None for the default; `caller` is the id of the API key, where there is one, which
may have models of its own. All of a request is heard by the same version. Raises ModelNotFound, Unavailable, and
Conflict for an own model that was learned on another version.
"""


@asynccontextmanager
async def started_models(settings: KeywordsSettings, own: OwnModels) -> AsyncIterator[Lease]:
    """Open and warm up the models that the settings name; they are closed with the block.

    Raises LookupError for an engine that does not exist, and what the store raises for a default that it does not have.
    """
    kind: Any = find_engine(ENGINES, settings.keywords_engine)
    if not kind.needs_model:
        opened = Opened(f"{settings.keywords_model}/{settings.keywords_engine}", kind())
        yield _lease_of({settings.keywords_model: lambda: nullcontext(opened)}, own)
        return

    def opening(name: str) -> AbstractAsyncContextManager[Current]:
        return served.serving(settings, name, lambda model: kind(model, settings.keywords_threads), _warm_up)

    async with served.all_serving(settings.model_names, opening) as currents:
        yield _lease_of(currents, own)


def _lease_of(currents: Mapping[str, Current], own: OwnModels) -> Lease:
    """Return the lease of the served models, of which the first is the default, and of callers' own."""
    default = next(iter(currents.values()))

    @asynccontextmanager
    async def lease(name: str | None, caller: str | None) -> AsyncIterator[Opened]:
        with currents.get((name or "").partition("/")[0], default)() as opened:
            yield opened if _means(name, opened.model) else await asyncio.to_thread(_own, own, name, caller, opened)

    return lease


def _means(name: str | None, model: str) -> bool:
    """Tell whether `name` means `model`, with or without its version."""
    return name in (None, model, model.partition("/")[0])


def _own(own: OwnModels, name: str | None, caller: str | None, base: Opened) -> Opened:
    """Return the caller's model of that name, which runs on `base`. Raises ModelNotFound and Conflict."""
    if name is None or caller is None:
        raise ModelNotFound("No model of that name and version is served here.", param="model")
    keywords = own.find(caller, name)
    if any(word.base_model != base.model for word in keywords):
        raise Conflict(
            f"Words of this model were learned on another version than {base.model}; enrol them again. "
            f"GET /v1/keywords/models/{name} tells which.",
            param="model",
        )
    return Opened(name, WithOwnKeywords(base.engine, keywords), base.model)


def _warm_up(engine: KeywordEngine) -> None:
    engine.hear(engine.features.pictures(np.zeros(engine.features.window_samples, np.float32)))
