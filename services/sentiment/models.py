"""The engine in use: opened from the model store, warmed up, and changed without a dropped request."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from services.sentiment.engine import ENGINES, EmotionEngine
from services.sentiment.settings import SentimentSettings
from shared.engines import find_engine
from shared.store import LocalModel, ModelStore, Served

WARM_UP = ("I am so happy to see you!", "This is a longer sentence, of which nobody knows what it is good for.")


class Opened(NamedTuple):
    """An engine and the model it runs, as `name/version`."""

    model: str
    engine: EmotionEngine


Lease = Callable[[], AbstractContextManager[Opened]]
"""Use the engine for one request; all its pieces are scored by the same version."""


@asynccontextmanager
async def started_engine(settings: SentimentSettings) -> AsyncIterator[Lease]:
    """Open and warm up the engine that the settings name; it is closed with the block.

    Raises LookupError for an engine that does not exist, and what the store raises for a model it does not have.
    """
    kind: Any = find_engine(ENGINES, settings.sentiment_engine)
    if not kind.needs_model:
        opened = Opened(f"{settings.sentiment_engine}/1", kind())
        yield lambda: nullcontext(opened)
        return
    served: Served[EmotionEngine] = Served(
        ModelStore(settings.models, Path(settings.models_cache)),
        settings.sentiment_model,
        lambda model: kind(model, settings.sentiment_threads),
        poll_seconds=settings.models_poll_seconds,
        warm_up=_warm_up,
    )
    await served.start()
    try:
        yield lambda: _leased(served)
    finally:
        await served.stop()


@contextmanager
def _leased(served: Served[EmotionEngine]) -> Iterator[Opened]:
    with served.lease() as (model, engine):
        yield Opened(_model_name(model), engine)


def _model_name(model: LocalModel) -> str:
    return f"{model.manifest.name}/{model.manifest.version}"


def _warm_up(engine: EmotionEngine) -> None:
    engine.scores(WARM_UP)
