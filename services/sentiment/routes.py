"""The sentiment service's calls."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from services.sentiment.analysis import Analyst
from services.sentiment.schemas import EmotionsAnswer, EmotionsRequest, LanguagesAnswer, TextsRequest
from shared.engines import Slots
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import while_connected

router = APIRouter(tags=["emotions"], responses=PROBLEMS)

AnalystDependency = Annotated[Analyst, Depends(from_state("analyst"))]
SlotsDependency = Annotated[Slots, Depends(from_state("slots"))]


@router.post("/v1/text/emotions", response_model=EmotionsAnswer)
async def emotions(
    request: Request, order: EmotionsRequest, analyst: AnalystDependency, slots: SlotsDependency
) -> Response:
    """Find emotion and sentiment of each sentence, and the sentiment of each text."""
    return await _answered(request, slots, partial(analyst.analyse, order))


@router.post("/v1/text/languages", response_model=LanguagesAnswer)
async def languages(
    request: Request, order: TextsRequest, analyst: AnalystDependency, slots: SlotsDependency
) -> Response:
    """Find the languages of each text."""
    return await _answered(request, slots, partial(analyst.identify, order))


Work = Callable[[], Coroutine[Any, Any, EmotionsAnswer | LanguagesAnswer]]


async def _answered(request: Request, slots: Slots, work: Work) -> Response:
    """Do the work in a slot, for as long as its client waits."""

    async def answer() -> EmotionsAnswer | LanguagesAnswer:
        async with slots.take():
            return await work()

    return Response(orjson.dumps(await while_connected(request, answer())), media_type="application/json")
