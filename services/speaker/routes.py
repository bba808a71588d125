"""The speaker service's call."""

from collections.abc import AsyncGenerator
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request, Response

from services.speaker.recordings import Judge
from services.speaker.schemas import SpeakerAnswer
from services.speaker.settings import SpeakerSettings
from shared.engines import Slots
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import started
from shared.uploads import form_body, uploaded

router = APIRouter(tags=["speaker"], responses=PROBLEMS)

JudgeDependency = Annotated[Judge, Depends(from_state("judge"))]
SlotsDependency = Annotated[Slots, Depends(from_state("slots"))]
SettingsDependency = Annotated[SpeakerSettings, Depends(from_state("settings"))]


@router.post("/v1/audio/speaker", response_model=SpeakerAnswer, openapi_extra=form_body())
async def speaker(
    request: Request, judge: JudgeDependency, slots: SlotsDependency, settings: SettingsDependency
) -> Response:
    """Estimate age and gender of the person who speaks in a recording."""
    async with slots.take():  # before the recording is read, so that no more are held than there are slots
        async with uploaded(request, max_bytes=settings.max_file_bytes, max_seconds=settings.upload_seconds) as upload:
            recording = await upload.file.read()

        async def answers() -> AsyncGenerator[bytes, None]:
            yield orjson.dumps(await judge.judge(recording))

        # A stream of one answer: it ends when the client leaves.
        parts = [part async for part in await started(request, answers())]
    return Response(b"".join(parts), media_type="application/json")
