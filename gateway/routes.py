"""The pipeline's calls: which emotion each sentence gets, and the speech with it."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from gateway.delivery import Sound, multipart, plan_header
from gateway.dependencies import PlannerDependency, TTSDependency
from gateway.planning import Planned, Planner
from gateway.schemas import EmotionalRequest, Plan, PlanRequest
from shared.openapi import PROBLEMS
from shared.problems import Json
from shared.provenance import DESCRIBED
from shared.streaming import started
from shared.text.serialise import to_ssml

router = APIRouter(tags=["emotional speech"], responses=PROBLEMS)

PLAN_HEADER = "X-Timbre-Plan"
_MEDIA_TYPES = (
    *("audio/aac", "audio/alaw", "audio/flac", "audio/mpeg", "audio/mulaw", "audio/ogg", "audio/pcm", "audio/wav"),
    *("multipart/mixed", "text/event-stream"),
)
_SOUND = {
    "description": f"The sound, sentence by sentence. {PLAN_HEADER} holds the plan: unpadded base64url of JSON; "
    'over 4 kB only `{"sentence_count", "see"}`. A multipart answer has the plan in its first part.',
    "headers": {
        PLAN_HEADER: {"schema": {"type": "string"}, "description": "The plan; not in a multipart answer."},
        **DESCRIBED,
    },
    "content": {media_type: {} for media_type in _MEDIA_TYPES},
}


@router.post("/v1/speech/plan", response_model=Plan)
async def plan(wish: PlanRequest, planner: PlannerDependency) -> Response:
    """Say how each sentence would be spoken, without speaking it.

    A tag in the text beats the tagger, the tagger beats the default (neutral). The tagger is asked for English text
    without tags, and heard only where it is sure; elsewhere the sentence stays neutral, with source `default`.
    """
    planned = await planner.plan_text(wish.text, wish.text_type, wish.voice, tag=wish.tagger)
    return Response(planned.plan.model_dump_json(), media_type="application/json")


@router.post("/v1/speech/emotional", response_class=StreamingResponse, responses={200: _SOUND})
async def emotional(
    request: Request,
    wish: EmotionalRequest,
    planner: PlannerDependency,
    tts: TTSDependency,
) -> StreamingResponse:
    """Speak a text, or a plan that was looked over, each sentence in its emotion; the sound streams as it is made."""
    planned = await _planned(planner, wish)
    sound = Sound(tts, await asyncio.to_thread(_order, planned, wish))
    stream = await started(request, sound.chunks())
    if wish.plan == "multipart" or "multipart/mixed" in request.headers.get("accept", "").lower():
        body, media_type = multipart(planned.plan, stream, sound.media_type)
        return StreamingResponse(body, media_type=media_type, headers=sound.headers)
    headers = {PLAN_HEADER: plan_header(planned.plan), **sound.headers}
    return StreamingResponse(stream, media_type=sound.media_type, headers=headers)


async def _planned(planner: Planner, wish: EmotionalRequest) -> Planned:
    if wish.sentences:
        return await planner.plan_edited(wish.sentences, wish.voice)
    return await planner.plan_text(wish.text, wish.text_type, wish.voice, tag=wish.tagger)


def _order(planned: Planned, wish: EmotionalRequest) -> Json:
    """Return the body of the call to the TTS service."""
    return {
        "model": wish.model,
        "input": to_ssml(planned.document),
        "text_type": "ssml",
        "voice": planned.voice.id,
        "response_format": wish.response_format,
        "speed": wish.speed,
        "lexicons": [*wish.lexicons],
        "stream_format": wish.stream_format,
    }
