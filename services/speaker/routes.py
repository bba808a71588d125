"""The speaker service's call."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Request, Response

from services.speaker.recordings import Judge
from services.speaker.schemas import SpeakerAnswer, SpeakerForm
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import while_connected
from shared.uploads import FORM, SlotFirst

router = APIRouter(tags=["speaker"], responses=PROBLEMS, route_class=SlotFirst)

JudgeDependency = Annotated[Judge, Depends(from_state("judge"))]


@router.post("/v1/audio/speaker", response_model=SpeakerAnswer)
async def speaker(
    request: Request, form: Annotated[SpeakerForm, Form(media_type=FORM)], judge: JudgeDependency
) -> Response:
    """Estimate age and gender of the person who speaks in a recording."""
    answer = await while_connected(request, judge.judge(await form.file.read()))
    return Response(orjson.dumps(answer), media_type="application/json")
