"""The models of the speech-to-text service: not all that the store has are opened, and some are in no store."""

import logging
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ValidationError

from gateway.schemas import Model
from gateway.upstream import Relayed, Service
from shared.problems import TimedOut, Unavailable

_TASK = "speech-to-text"

_log = logging.getLogger("timbre.models")


class Opened(BaseModel):
    """A model that the service has opened, as it lists it."""

    model: str
    """`name/version`."""
    languages: list[str]
    """ISO 639-1 codes; empty: any."""
    detects_language: bool = False
    takes_keywords: bool = False

    @property
    def name(self) -> str:
        """The model without its version."""
        return self.model.partition("/")[0]

    def knows(self, language: str) -> bool:
        """Tell whether it writes down this language (ISO 639-1)."""
        return not self.languages or language in self.languages


class _Listing(BaseModel):
    models: list[Opened]


async def opened_models(stt: Service) -> list[Opened]:
    """Ask the service which models it has: none while it is down."""
    try:
        return _Listing.model_validate_json(await stt.get("/models")).models
    except (Relayed, Unavailable, TimedOut):
        return []
    except ValidationError:
        _log.error("the speech-to-text service listed its models in a form that is not understood")
        return []


def with_opened(stored: Iterable[Model], opened: Iterable[Opened]) -> Iterator[Model]:
    """Yield the opened models, the default first, and those of the store that are for something else."""
    by_name = {model.id: model for model in stored}
    for one in opened:
        built_in = Model(id=one.name, created=0, owned_by=one.name, task=_TASK, languages=one.languages)
        version = one.model.rpartition("/")[2]
        yield by_name.get(one.name, built_in).model_copy(update={"version": version})
    yield from (model for model in by_name.values() if model.task != _TASK)
