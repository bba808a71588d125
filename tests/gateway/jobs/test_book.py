"""What happens to a job between two looks at it."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import WorkflowStatus

from gateway.jobs.admission import Admission
from gateway.jobs.chores import Chores
from gateway.jobs.kept import Kept
from gateway.jobs.names import FORGET
from gateway.jobs.opened import opened_book
from gateway.jobs.schemas import JobRequest
from gateway.jobs.submission import Submission
from gateway.jobs.webhook import deliver
from gateway.settings import GatewaySettings
from tests.gateway.jobs.enqueued import enqueue

pytestmark = pytest.mark.anyio

ORDER = JobRequest(kind="emotional-speech", input={"text": "Good morning."})


async def test_all_jobs_are_forgotten_however_soon_workers_delete_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: sa.Engine, kept: Kept
) -> None:
    settings = GatewaySettings(database=str(tmp_path / "state" / "jobs.sqlite"))
    async with opened_book(settings, Admission(settings, kept.objects)) as book:
        enqueue(book._client, engine, *(f"job_{number}" for number in range(150)), caller="caller")
        submit, chores = book._submitter.submit, Chores(book._client, kept, timedelta(1), deliver)

        async def at_once(submission: Submission) -> WorkflowStatus:
            if submission.options["workflow_name"] == FORGET:
                await chores.forget(str(submission.arguments[0]))
            return await submit(submission)

        monkeypatch.setattr(book._submitter, "submit", at_once)
        assert await book.forget("caller") == 150
        assert (await book.page("caller", None, None, None, 100)).jobs == []


@pytest.mark.parametrize(
    ("theirs", "ours", "cleared"), [("SUCCESS", "succeeded", False), ("PENDING", "cancelled", True)]
)
async def test_a_job_that_succeeds_just_when_it_is_cancelled_keeps_its_results(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: sa.Engine,
    kept: Kept,
    theirs: str,
    ours: str,
    cleared: bool,
) -> None:
    settings = GatewaySettings(database=str(tmp_path / "state" / "jobs.sqlite"))
    async with opened_book(settings, Admission(settings, kept.objects)) as book:
        job, _ = await book.submit("caller", ORDER, None)
        client = book._client
        cancel = client.cancel_workflow_async

        async def too_late(job_id: str) -> None:
            with engine.begin() as connection:
                connection.execute(sa.text("UPDATE workflow_status SET status = :status"), {"status": theirs})
            await cancel(job_id)

        monkeypatch.setattr(client, "cancel_workflow_async", too_late)
        assert (await book.cancel("caller", job.id)).state == ours
        kept.objects.put(f"jobs/{job.id}/text.txt", b"Good morning.")
        await Chores(client, kept, timedelta(1), deliver).stop(job.id)
        assert (list(kept.objects.list()) == []) is cleared
