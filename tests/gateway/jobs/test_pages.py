"""Where a page begins and ends."""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.jobs.pages import Cursor, read_page
from shared.problems import InvalidInput

Page = tuple[list["Taken"], str | None]
NUMBERS = st.integers(0, 16**24 - 1)
JOBS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 40)), unique_by=lambda job: job[1], max_size=30)


@dataclass(frozen=True)
class Taken:
    """What a page needs to know of a job."""

    created_at: int
    workflow_id: str


class Listing:
    """Jobs as the database gives them: the newest first, those of one millisecond in whatever order it likes."""

    def __init__(self, jobs: list[tuple[int, int]]) -> None:
        self.jobs = [Taken(moment, f"job_{number:024x}") for moment, number in jobs]

    async def fetch(self, since: str | None, until: str | None, limit: int | None) -> list[Taken]:
        first = _milliseconds(since) if since else 0
        last = _milliseconds(until) if until else 10**14
        found = [job for job in self.jobs if first <= job.created_at <= last]
        return sorted(found, key=lambda job: -job.created_at)[:limit]

    def in_order(self) -> list[Taken]:
        return sorted(self.jobs, key=lambda job: (job.created_at, job.workflow_id), reverse=True)


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def run(coroutine: Coroutine[None, None, Page]) -> Page:
    """Run what waits for nothing."""
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return cast(Page, ended.value.value)


def read(listing: Listing, limit: int) -> list[Taken]:
    found, after = run(read_page(listing.fetch, None, limit))
    while after:
        page, after = run(read_page(listing.fetch, after, limit))
        assert 0 < len(page) <= limit
        found += page
    return found


@given(JOBS, st.integers(1, 8))
def test_pages_of_any_size_hold_every_job_once_in_order(jobs: list[tuple[int, int]], limit: int) -> None:
    listing = Listing(jobs)
    assert read(listing, limit) == listing.in_order()


@given(JOBS, st.integers(1, 8), st.data())
def test_jobs_that_go_meanwhile_hide_no_other(jobs: list[tuple[int, int]], limit: int, data: st.DataObject) -> None:
    listing = Listing(jobs)
    page, after = run(read_page(listing.fetch, None, limit))
    gone = data.draw(st.sets(st.sampled_from(listing.jobs))) if jobs else set()
    listing.jobs = [job for job in listing.jobs if job not in gone]
    rest = run(read_page(listing.fetch, after, 100))[0] if after else []
    assert rest == [job for job in listing.in_order() if job not in page]


@given(st.integers(1, 10**14 - 1), NUMBERS)
def test_a_cursor_reads_what_it_wrote(moment: int, number: int) -> None:
    cursor = Cursor(moment, f"job_{number:024x}")
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.",
        f".job_{0:024}",
        "a.b",
        f"-1.job_{0:024}",
        f"1.job_{0:024}\n",
        f"1.job_{0:023}",
        f"{10**14}.job_{0:024}",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(read_page(Listing([]).fetch, text, 1))
    assert caught.value.param == "after"


@example(99999999999999, 0)
@example(0, 0)
@given(st.integers(0, 10**14 - 1), NUMBERS)
def test_a_cursor_that_is_made_up_is_a_moment(moment: int, number: int) -> None:
    page, after = run(read_page(Listing([(5, 1)]).fetch, f"{moment}.job_{number:024x}", 1))
    assert (len(page), after) == (int((moment, number) > (5, 1)), None)
