"""The speaker service's call."""

from collections.abc import AsyncGenerator
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Request, Response

from services.speaker.recordings import Judge
from services.speaker.schemas import SpeakerAnswer, SpeakerForm
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import started
from shared.uploads import FORM, SlotFirst

router = APIRouter(tags=["speaker"], responses=PROBLEMS, route_class=SlotFirst)

JudgeDependency = Annotated[Judge, Depends(from_state("judge"))]


@router.post("/v1/audio/speaker", response_model=SpeakerAnswer)
async def speaker(
    request: Request, form: Annotated[SpeakerForm, Form(media_type=FORM)], judge: JudgeDependency
) -> Response:
    """Estimate age and gender of the person who speaks in a recording."""

    async def answers() -> AsyncGenerator[bytes, None]:
        yield orjson.dumps(await judge.judge(await form.file.read()))

    # A stream of one answer: it ends when the client leaves.
    parts = [part async for part in await started(request, answers())]
    return Response(b"".join(parts), media_type="application/json")
