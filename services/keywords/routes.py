"""The keywords service's calls."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Query, Request, Response, WebSocket

from services.keywords.answers import KeywordsAnswer
from services.keywords.listening import Listening
from services.keywords.recordings import Recordings
from services.keywords.schemas import KeywordsForm, ListenQuery
from shared.callers import KnownCaller
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import while_connected
from shared.uploads import FORM, SlotFirst

router = APIRouter(tags=["keywords"], responses=PROBLEMS, route_class=SlotFirst)

RecordingsDependency = Annotated[Recordings, Depends(from_state("recordings"))]
ListeningDependency = Annotated[Listening, Depends(from_state("listening"))]


@router.post("/v1/audio/keywords", response_model=KeywordsAnswer)
async def keywords(
    request: Request,
    form: Annotated[KeywordsForm, Form(media_type=FORM)],
    recordings: RecordingsDependency,
    caller: KnownCaller,
) -> Response:
    """Tell which spoken commands a recording holds, and when."""
    answer = await while_connected(request, recordings.hear(await form.file.read(), form, caller))
    return Response(orjson.dumps(answer), media_type="application/json")


@router.websocket("/v1/audio/keywords/listen")
async def listen(
    websocket: WebSocket,
    query: Annotated[ListenQuery, Query()],
    listening: ListeningDependency,
    caller: KnownCaller,
) -> None:
    """Tell which spoken commands there are in sound that is sent while it is spoken."""
    await listening.listen(websocket, query, caller)
