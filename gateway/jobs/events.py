"""A job's progress as server-sent events."""

from collections.abc import AsyncGenerator

from gateway.jobs.schemas import ENDED, Job

EVENTS_MEDIA_TYPE = "text/event-stream"


async def events(changes: AsyncGenerator[Job, None]) -> AsyncGenerator[bytes, None]:
    """Yield `event: progress` for each change and `event: end` for the last, with the job as its data."""
    async for job in changes:
        name = "end" if job.state in ENDED else "progress"
        yield f"event: {name}\ndata: {job.model_dump_json()}\n\n".encode()
