"""Results of jobs, to whom a presigned address of ours leads."""

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.provenance import provenance_headers
from shared.streaming import started


async def result(request: Request, caller: str) -> Response:
    """Send a result of the caller's job. Raises NotFound, Unavailable."""
    made = await request.state.jobs.made(caller, request.path_params["job_id"], request.path_params["name"])
    stream = await started(request, request.state.kept.chunks(made))
    provenance = provenance_headers(made["models"]) if made.get("models") else {}
    headers = {"Content-Length": str(made["bytes"]), **provenance}
    return StreamingResponse(stream, media_type=made["media_type"], headers=headers)
