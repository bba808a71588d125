"""A job as its caller sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dbos import StepInfo, WorkflowStatus

from gateway.jobs.schemas import Job, State
from gateway.jobs.serialise import JobFailed
from gateway.jobs.views import STATES, job_of, with_progress
from shared.problems import EngineFailed, InvalidMarkup

RETENTION = timedelta(days=30)
AUDIO = {"name": "audio", "key": "jobs/job_1/audio.wav", "media_type": "audio/wav", "bytes": 44}
MINUTE = 60_000


def status(theirs: str, **members: Any) -> WorkflowStatus:
    row = WorkflowStatus()
    known = {"workflow_id": "job_1", "name": "emotional-speech", "status": theirs, "output": None, "error": None}
    times = {"created_at": MINUTE, "dequeued_at": None, "completed_at": None}
    for name, value in {**known, **times, **members}.items():
        setattr(row, name, value)
    return row


def step(name: str, output: object = None, *, is_done: bool = True, error: Exception | None = None) -> StepInfo:
    return StepInfo(
        function_id=1,
        function_name=name,
        output=output,
        error=error,
        child_workflow_id=None,
        started_at_epoch_ms=1,
        completed_at_epoch_ms=2 if is_done else None,
    )


def running(*steps: StepInfo, state: State = "running") -> Job:
    job = Job(id="job_1", kind="emotional-speech", state=state, created=datetime.now(UTC))
    return with_progress(job, steps)


class TestStates:
    @pytest.mark.parametrize(("theirs", "ours"), STATES.items())
    def test_every_state_has_our_name(self, theirs: str, ours: State) -> None:
        job = job_of(status(theirs), RETENTION)
        assert job.state == ours
        assert (job.error is not None) == (ours == "failed")

    def test_one_that_waits_has_nothing_yet(self) -> None:
        job = job_of(status("ENQUEUED"), RETENTION)
        assert (job.started, job.ended, job.expires, job.error, job.results) == (None, None, None, None, [])
        assert job.created == datetime.fromtimestamp(60, UTC)

    def test_one_that_succeeded_names_its_results_but_not_where_they_lie(self) -> None:
        ended = {"dequeued_at": 2 * MINUTE, "completed_at": 3 * MINUTE}
        job = job_of(status("SUCCESS", output=[AUDIO], **ended), RETENTION)
        assert (job.started, job.ended) == (datetime.fromtimestamp(120, UTC), datetime.fromtimestamp(180, UTC))
        assert job.expires == datetime.fromtimestamp(180, UTC) + RETENTION
        (result,) = job.results
        assert result.href == "/v1/jobs/job_1/results/audio"
        assert "key" not in result.model_dump()
        assert "audio.wav" not in job.model_dump_json()

    def test_one_that_failed_tells_why_and_has_no_results(self) -> None:
        body = InvalidMarkup("A tag is not closed.").body()
        job = job_of(status("ERROR", error=JobFailed(body), output=[AUDIO], completed_at=MINUTE), RETENTION)
        assert (job.error, job.results) == (body, [])

    def test_an_error_that_is_none_of_ours_shows_nothing(self) -> None:
        for error in (None, RuntimeError("a word of the text")):
            job = job_of(status("ERROR", error=error), RETENTION)
            assert job.error is not None
            assert job.error["type"] == EngineFailed("").body()["type"]
            assert "word" not in job.model_dump_json()


class TestProgress:
    STORED, TAGGED = step("store", AUDIO), step("tag", {"parts": 4})

    @pytest.mark.parametrize("parts", [1, 4, 50])
    def test_it_grows_with_each_step_and_part_to_one(self, parts: int) -> None:
        done = [self.STORED, step("tag", {"parts": parts}), *[step("speak", AUDIO)] * parts, step("join", AUDIO)]
        seen = [running(*done[:count]) for count in range(len(done) + 1)]
        shares = [job.progress or 0.0 for job in seen]
        assert shares == sorted(shares)
        assert (shares[0], shares[-1]) == (0.0, 1.0)
        assert len(set(shares)) == len(done)  # the first step shows only when it is known how many there are
        assert [job.step for job in seen] == ["store", "tag", *["speak"] * parts, "join", "join"]

    def test_a_part_counts_as_much_as_a_step(self) -> None:
        assert running(self.STORED, self.TAGGED, step("speak")).progress == round(3 / 7, 3)

    def test_only_what_was_done_counts(self) -> None:
        undone = [step("speak", is_done=False), step("speak", error=ValueError())]
        assert running(self.STORED, self.TAGGED, *undone).progress == running(self.STORED, self.TAGGED).progress

    def test_steps_that_callers_know_nothing_of_do_not_count(self) -> None:
        hidden = [step("tidy"), step("DBOS.sleep")]
        assert running(self.STORED, self.TAGGED, *hidden).progress == running(self.STORED, self.TAGGED).progress

    def test_only_a_job_that_runs_is_in_a_step(self) -> None:
        states: tuple[State, ...] = ("queued", "failed", "cancelled", "succeeded")
        assert [running(self.STORED, state=state).step for state in states] == [None] * 4
        assert running(self.STORED, state="succeeded").progress == 1.0
        assert running(self.STORED, self.TAGGED, state="cancelled").progress == round(2 / 7, 3)
