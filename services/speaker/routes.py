"""The speaker service's call."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Request, Response

from services.speaker.answers import SpeakerAnswer
from services.speaker.recordings import Recordings
from services.speaker.schemas import SpeakerForm
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import while_connected
from shared.uploads import FORM, SlotFirst

router = APIRouter(tags=["speaker"], responses=PROBLEMS, route_class=SlotFirst)

RecordingsDependency = Annotated[Recordings, Depends(from_state("recordings"))]


@router.post("/v1/audio/speaker", response_model=SpeakerAnswer)
async def speaker(
    request: Request, form: Annotated[SpeakerForm, Form(media_type=FORM)], recordings: RecordingsDependency
) -> Response:
    """Estimate age and gender of the person who speaks in a recording."""
    judged = recordings.judge(await form.file.read(), segments=form.segments)
    answer = await while_connected(request, judged)
    return Response(orjson.dumps(answer), media_type="application/json")
