"""What the links in Transcribe's answers lead to: results of jobs, and words of vocabularies and filters."""

import asyncio
from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from gateway.aws.call import Download
from gateway.aws.transcribe.word_lists import FILTERS, VOCABULARIES, WordList
from shared.streaming import started


async def _result(request: Request, caller: str) -> Response:
    """Send a result of the caller's job. Raises NotFound, Unavailable."""
    made = await request.state.jobs.made(caller, request.path_params["job_id"], request.path_params["name"])
    stream = await started(request, request.state.kept.chunks(made))
    return StreamingResponse(stream, media_type=made["media_type"], headers={"Content-Length": str(made["bytes"])})


async def _words(kind: WordList, request: Request, caller: str) -> Response:
    """Send the words of a list, one on each line. Raises NotFound, Unavailable."""
    owned = kind.owned(request.state.objects)
    document = await asyncio.to_thread(owned.get, caller, request.path_params["name"])
    return PlainTextResponse("".join(f"{word}\n" for word in document[kind.words]))


TRANSCRIBE_DOWNLOADS: Mapping[str, Download] = {
    "/transcribe/results/{job_id}/{name}": _result,
    **{f"/transcribe/{kind.collection}/{{name}}": partial(_words, kind) for kind in (VOCABULARIES, FILTERS)},
}
