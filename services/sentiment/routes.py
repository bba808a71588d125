"""The sentiment service's call."""

from collections.abc import AsyncGenerator
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request, Response

from services.sentiment.analysis import Analyst
from services.sentiment.schemas import EmotionsAnswer, EmotionsRequest
from shared.engines import Slots
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import started

router = APIRouter(tags=["emotions"], responses=PROBLEMS)

AnalystDependency = Annotated[Analyst, Depends(from_state("analyst"))]
SlotsDependency = Annotated[Slots, Depends(from_state("slots"))]


@router.post("/v1/text/emotions", response_model=EmotionsAnswer)
async def emotions(
    request: Request, order: EmotionsRequest, analyst: AnalystDependency, slots: SlotsDependency
) -> Response:
    """Find emotion and sentiment of each sentence, and the sentiment of each text."""

    async def answers() -> AsyncGenerator[bytes, None]:
        async with slots.take():
            yield orjson.dumps(await analyst.analyse(order))

    # A stream of one answer: it ends when the client leaves.
    parts = [part async for part in await started(request, answers())]
    return Response(b"".join(parts), media_type="application/json")
