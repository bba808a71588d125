"""The engines in use: opened from the model store, warmed up, and changed without a dropped request."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from functools import partial
from typing import Any

from services.speaker.engine import ENGINES, MODEL_ENGINES, SpeakerEngine, Task
from services.speaker.judging import Model
from services.speaker.settings import SpeakerSettings
from services.speaker.windows import Cutter
from shared import served
from shared.engines import find_engine
from shared.problems import ModelCorrupt, ModelNotFound
from shared.store import LocalModel

Current = served.Current[SpeakerEngine]

Lease = Callable[[], AbstractContextManager[list[Model]]]
"""Use, for one recording, the models of all tasks that are served, at least one; all of it is judged by the same
versions. Raises Unavailable."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def started_models(settings: SpeakerSettings) -> AsyncIterator[Lease]:
    """Open and warm up the models that the settings name; they are closed with the block.

    One that is missing, damaged or refused is left out, and the log says so. Raises LookupError for an engine that does
    not exist and where no model is named, and what the store raises where none can be opened.
    """
    kind = find_engine(ENGINES, settings.speaker_engine)
    async with AsyncExitStack() as stack:
        currents: dict[Task, Current] = {}
        problem: Exception = LookupError("TIMBRE_SPEAKER_GENDER_MODEL and TIMBRE_SPEAKER_AGE_MODEL name no model.")
        for task, name in settings.model_names.items():
            try:
                currents[task] = await stack.enter_async_context(_opened(settings, kind, task, name))
            except (ModelNotFound, ModelCorrupt) as fault:
                problem = fault
                _log.error("model left out", extra={"model": name}, exc_info=fault)
        if not currents:
            raise problem
        yield partial(_leased, currents)


@asynccontextmanager
async def _opened(settings: SpeakerSettings, kind: Any, task: Task, name: str) -> AsyncIterator[Current]:
    if not kind.needs_model:
        opened = served.Opened[SpeakerEngine](f"{name}/{settings.speaker_engine}", kind(task))
        yield lambda: nullcontext(opened)
        return
    opening = partial(_open, task, settings.speaker_threads)
    async with served.serving(settings, name, opening, _warm_up) as current:
        yield current


def _open(task: Task, threads: int, model: LocalModel) -> SpeakerEngine:
    """Open a model by the engine that its manifest names. Raises ModelCorrupt."""
    try:
        kind: Any = find_engine(MODEL_ENGINES, model.manifest.engine)
    except LookupError as error:
        raise ModelCorrupt(f"Model {model.manifest.name} is for an engine that this service does not have.") from error
    opened: SpeakerEngine = kind(task, model, threads=threads)
    return opened


@contextmanager
def _leased(currents: Mapping[Task, Current]) -> Iterator[list[Model]]:
    with ExitStack() as stack:
        opened = {task: stack.enter_context(current()) for task, current in currents.items()}
        yield [Model(one.model, task, one.engine) for task, one in opened.items()]


def _warm_up(engine: SpeakerEngine) -> None:
    engine.hear(Cutter(engine.cut).finish().frames)
