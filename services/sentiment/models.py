"""The engine in use: opened from the model store, warmed up, and changed without a dropped request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from services.sentiment.engine import ENGINES, EmotionEngine
from services.sentiment.settings import SentimentSettings
from shared.engines import find_engine
from shared.served import Current, Opened, serving

WARM_UP = ("I am so happy to see you!", "This is a longer sentence, of which nobody knows what it is good for.")


Lease = Current[EmotionEngine]


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
    async with serving(
        settings, settings.sentiment_model, lambda model: kind(model, settings.sentiment_threads), _warm_up
    ) as lease:
        yield lease


def _warm_up(engine: EmotionEngine) -> None:
    engine.scores(WARM_UP)
