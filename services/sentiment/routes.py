"""The sentiment service's call."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request, Response

from services.sentiment.analysis import Analyst
from services.sentiment.schemas import EmotionsAnswer, EmotionsRequest
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

    async def answer() -> EmotionsAnswer:
        async with slots.take():
            return await analyst.analyse(order)

    return Response(orjson.dumps(await while_connected(request, answer())), media_type="application/json")
