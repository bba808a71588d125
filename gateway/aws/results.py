"""Results of jobs, to whom a presigned address of ours leads."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.jobs.sending import sent


async def result(request: Request, caller: str) -> Response:
    """Send a result of the caller's job. Raises NotFound, Unavailable."""
    made = await request.state.jobs.made(caller, request.path_params["job_id"], request.path_params["name"])
    return await sent(request, request.state.kept, made)
