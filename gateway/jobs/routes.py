"""The calls for jobs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from gateway.jobs.book import JobBook
from gateway.jobs.events import EVENTS_MEDIA_TYPE, events
from gateway.jobs.kept import Kept
from gateway.jobs.kinds import KINDS
from gateway.jobs.schemas import Forgotten, Job, JobPage, JobRequest, KindName, State
from gateway.jobs.sending import sent
from shared.callers import Caller
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import started

router = APIRouter(tags=["jobs"], responses=PROBLEMS)

_LONGEST_WAIT_SECONDS = 60
_EVENTS: dict[int | str, dict[str, Any]] = {200: {"description": "Events", "content": {EVENTS_MEDIA_TYPE: {}}}}
_RESULT: dict[int | str, dict[str, Any]] = {200: {"description": "The result", "content": {"*/*": {}}}}


Book = Annotated[JobBook, Depends(from_state("jobs"))]
KeptDependency = Annotated[Kept, Depends(from_state("kept"))]
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=255)]
JobId = Annotated[str, Path(pattern="^job_[0-9a-f]{24}$")]
Seconds = Annotated[float, Query(ge=0, le=_LONGEST_WAIT_SECONDS, allow_inf_nan=False)]


@router.post("/v1/jobs", status_code=status.HTTP_202_ACCEPTED)
async def submit(
    order: JobRequest, response: Response, caller: Caller, book: Book, idempotency_key: IdempotencyKey = None
) -> Job:
    """Take a job. It is on the disk when the answer comes, and survives any crash from there on.

    With an `Idempotency-Key` the same request makes one job, however often it is sent; the same key with another
    request is a conflict. A key is kept as long as its job.
    """
    job, replayed = await book.submit(caller, _checked(order), idempotency_key)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return job


@router.get("/v1/jobs")
async def page(
    caller: Caller,
    book: Book,
    state: State | None = None,
    kind: KindName | None = None,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> JobPage:
    """List the caller's jobs, newest first."""
    return await book.page(caller, state, kind, after, limit)


@router.get("/v1/jobs/{job_id}")
async def find(job_id: JobId, caller: Caller, book: Book, wait: Seconds = 0) -> Job:
    """Tell of one job. With `wait` the answer comes when the job has ended, or after so many seconds."""
    return await book.ended(caller, job_id, wait)


@router.get("/v1/jobs/{job_id}/events", response_class=StreamingResponse, responses=_EVENTS)
async def follow(request: Request, job_id: JobId, caller: Caller, book: Book) -> StreamingResponse:
    """Send the job as a server-sent event whenever it has changed; the last one, `end`, has its final state."""
    stream = await started(request, events(book.watch(caller, job_id)))
    return StreamingResponse(stream, media_type=EVENTS_MEDIA_TYPE)


@router.get("/v1/jobs/{job_id}/results/{name}", response_class=StreamingResponse, responses=_RESULT)
async def result(
    request: Request, job_id: JobId, name: str, caller: Caller, book: Book, kept: KeptDependency
) -> StreamingResponse:
    """Send one result of a job that succeeded."""
    return await sent(request, kept, await book.made(caller, job_id, name))


@router.post("/v1/jobs/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED)
async def retry(job_id: JobId, caller: Caller, book: Book) -> Job:
    """Take up a failed job again, at the step that failed; what was done before stays done."""
    return await book.retry(caller, job_id)


@router.delete("/v1/jobs", status_code=status.HTTP_202_ACCEPTED)
async def forget(caller: Caller, book: Book) -> Forgotten:
    """Stop all jobs of the caller, and delete them, all that they stored, and all files, within seconds."""
    return Forgotten(jobs=await book.forget(caller))


@router.delete("/v1/jobs/{job_id}")
async def cancel(job_id: JobId, caller: Caller, book: Book) -> Job:
    """Stop a job; what it is doing just now is broken off. An ended job stays as it is."""
    return await book.cancel(caller, job_id)


def _checked(order: JobRequest) -> JobRequest:
    """Return the order with its input as the kind understands it. Raises RequestValidationError."""
    try:
        understood = KINDS[order.kind].input.model_validate(order.input)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", "input", *one["loc"])} for one in errors]) from error
    return order.model_copy(update={"input": understood.model_dump(mode="json")})
