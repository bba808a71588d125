"""The version in use of a model as requests use it: an engine, and the name to answer with."""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from shared.problems import ModelCorrupt, ModelNotFound, ModelRefused
from shared.settings import ModelSettings
from shared.store import LocalModel, ModelStore, Served

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Opened(NamedTuple, Generic[T]):
    """An engine and the model it runs, as `name/version`."""

    model: str
    engine: T
    runs_on: str | None = None
    """The served model below one of a caller's own, with its version."""

    @property
    def name(self) -> str:
        """The served model's name without its version, as metrics have it: never one that a caller chose."""
        return (self.runs_on or self.model).partition("/")[0]


def _nothing(_: object) -> None:
    """Do nothing: for engines that are warm once they are open."""


Current = Callable[[], AbstractContextManager[Opened[T]]]
"""Use the version in use for one request; all of the request is done by the same one."""


def store_of(settings: ModelSettings) -> ModelStore:
    """Return the store of models."""
    return ModelStore(settings.models, Path(settings.models_cache))


def served_model(
    settings: ModelSettings,
    store: ModelStore,
    name: str,
    open_engine: Callable[[LocalModel], T],
    warm_up: Callable[[T], None] = _nothing,
) -> Served[T]:
    """Return a model that is not opened yet, and will not be (ModelRefused) where the settings refuse its licence."""

    def open_allowed(model: LocalModel) -> T:
        _require_allowed(settings, model)
        return open_engine(model)

    return Served(store, name, open_allowed, poll_seconds=settings.models_poll_seconds, warm_up=warm_up)


@asynccontextmanager
async def serving(
    settings: ModelSettings, name: str, open_engine: Callable[[LocalModel], T], warm_up: Callable[[T], None]
) -> AsyncIterator[Current[T]]:
    """Open and warm up a model, and change to its new versions, until the block ends.

    Raises ModelRefused for a licence that the settings refuse, and what the store raises for a model it does not have.
    """
    served = served_model(settings, store_of(settings), name, open_engine, warm_up)
    await served.start()
    try:
        yield partial(_leased, served)
    finally:
        await served.stop()


@asynccontextmanager
async def all_serving(
    names: Iterable[str], opening: Callable[[str], AbstractAsyncContextManager[Current[T]]]
) -> AsyncIterator[dict[str, Current[T]]]:
    """Open all models of those names, the first of which is the default, until the block ends.

    Further ones that are missing or damaged are left out; raises what `opening` raises for the default.
    """
    async with AsyncExitStack() as stack:
        found: dict[str, Current[T]] = {}
        for name in names:
            try:
                found[name] = await stack.enter_async_context(opening(name))
            except (ModelNotFound, ModelCorrupt) as problem:
                if not found:
                    raise
                _log.error("model left out", extra={"model": name}, exc_info=problem)
        yield found


def _require_allowed(settings: ModelSettings, model: LocalModel) -> None:
    if model.manifest.noncommercial and not settings.noncommercial_models:
        raise ModelRefused(
            f"Model {model.manifest.name} allows no commercial use: TIMBRE_NONCOMMERCIAL_MODELS refuses it."
        )


@contextmanager
def _leased(served: Served[T]) -> Iterator[Opened[T]]:
    with served.lease() as (model, engine):
        yield Opened(f"{model.manifest.name}/{model.manifest.version}", engine)
