"""Which models are open: for the gateway, which lists them for callers. NGINX passes nobody on to this."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.stt.models import Lease
from shared.openapi import PROBLEMS
from shared.problems import ModelNotFound
from shared.state import from_state

router = APIRouter(tags=["models"], responses=PROBLEMS)


class OpenedModel(BaseModel):
    """A model that calls may name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    model: str
    """`name/version`."""
    languages: list[str]
    """ISO 639-1 codes; empty: any."""
    detects_language: bool
    """Of several."""
    translates: bool
    takes_prompt: bool
    takes_keywords: bool


class OpenedModels(BaseModel):
    """All models that calls may name, the default first."""

    models: list[OpenedModel]


@router.get("/models")
async def models(
    lease: Annotated[Lease, Depends(from_state("lease"))],
    names: Annotated[Sequence[str], Depends(from_state("model_names"))],
) -> OpenedModels:
    """List the models that calls may name, the default first."""
    return OpenedModels(models=list(_opened(lease, names)))


def _opened(lease: Lease, names: Sequence[str]) -> Iterator[OpenedModel]:
    for name in names:
        with suppress(ModelNotFound), lease(name) as opened:
            abilities = opened.engine.abilities
            yield OpenedModel(
                model=opened.model,
                languages=list(abilities.languages),
                detects_language=abilities.detects_language,
                translates=abilities.translates,
                takes_prompt=abilities.takes_prompt,
                takes_keywords=abilities.takes_keywords,
            )
