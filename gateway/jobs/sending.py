"""A result of a job as an answer."""

from starlette.requests import Request
from starlette.responses import StreamingResponse

from gateway.jobs.kept import Kept
from gateway.jobs.results import Made
from shared.provenance import provenance_headers
from shared.streaming import started


async def sent(request: Request, kept: Kept, made: Made) -> StreamingResponse:
    """Return what streams a result, with its length and, of speech, what spoke it. Raises NotFound, Unavailable."""
    stream = await started(request, kept.chunks(made))
    provenance = provenance_headers(made["models"]) if made.get("models") else {}
    headers = {"Content-Length": str(made["bytes"]), **provenance}
    return StreamingResponse(stream, media_type=made["media_type"], headers=headers)
