"""What the links in Transcribe's answers lead to: results of jobs, and words of vocabularies and filters."""

import asyncio
from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.aws.call import Download
from gateway.aws.results import result
from gateway.aws.transcribe.word_lists import FILTERS, VOCABULARIES, WordList


async def _words(kind: WordList, request: Request, caller: str) -> Response:
    """Send the words of a list, one on each line. Raises NotFound, Unavailable."""
    owned = kind.owned(request.state.objects)
    document = await asyncio.to_thread(owned.get, caller, request.path_params["name"])
    return PlainTextResponse("".join(f"{word}\n" for word in document[kind.words]))


TRANSCRIBE_DOWNLOADS: Mapping[str, Download] = {
    "/transcribe/results/{job_id}/{name}": result,
    **{f"/transcribe/{kind.collection}/{{name}}": partial(_words, kind) for kind in (VOCABULARIES, FILTERS)},
}
