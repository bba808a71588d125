"""Pages of a listing, newest first. Jobs that come, go or end meanwhile neither repeat nor hide another."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from dbos import WorkflowStatus

from shared.problems import InvalidInput

_FORM = re.compile(r"([0-9]{1,14})\.(job_[0-9a-f]{24})")  # 14 digits are the years to 5138; no more is a date

Fetch = Callable[[str | None, str | None, int | None], Awaitable[list[WorkflowStatus]]]
"""Returns so many of the jobs that were taken from one moment to another, both included, the newest ones first."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last job of a page: when it was taken, in milliseconds, and its id, as many may be taken in one moment."""

    taken_milliseconds: int
    job_id: str

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Return what `str` wrote. Raises InvalidInput."""
        if not (found := _FORM.fullmatch(text)):
            raise InvalidInput("`after` is the `next` of the page before.", param="after")
        return cls(int(found[1]), found[2])

    @classmethod
    def at(cls, status: WorkflowStatus) -> "Cursor":
        """Return where a job stands in the order of all."""
        return cls(status.created_at or 0, status.workflow_id)

    def __lt__(self, other: "Cursor") -> bool:
        return (self.taken_milliseconds, self.job_id) < (other.taken_milliseconds, other.job_id)

    def __str__(self) -> str:
        return f"{self.taken_milliseconds}.{self.job_id}"


async def read_page(fetch: Fetch, after: str | None, limit: int) -> tuple[list[WorkflowStatus], str | None]:
    """Return `limit` of the jobs behind `after`, and what to give as `after` for the next. Raises InvalidInput."""
    found = await (_behind(fetch, Cursor.read(after), limit + 1) if after is not None else fetch(None, None, limit + 1))
    if len(found) <= limit:
        return _ordered(found), None
    oldest = found[-1].created_at or 0  # jobs of one moment come in any order: those of the last are read anew
    newer = [status for status in found if (status.created_at or 0) > oldest]
    page = [*_ordered(newer), *_ordered(await _of_moment(fetch, oldest, after))][:limit]
    return page, str(Cursor.at(page[-1]))


async def _behind(fetch: Fetch, cursor: Cursor, limit: int) -> list[WorkflowStatus]:
    older = await fetch(None, _moment(cursor.taken_milliseconds - 1), limit)
    return [*await _of_moment(fetch, cursor.taken_milliseconds, str(cursor)), *older]


async def _of_moment(fetch: Fetch, milliseconds: int, after: str | None) -> list[WorkflowStatus]:
    """Return all jobs of one moment, in SQLite a whole second, that come behind `after`."""
    found = await fetch(_moment(milliseconds), _moment(milliseconds), None)
    return [status for status in found if after is None or Cursor.at(status) < Cursor.read(after)]


def _ordered(found: Iterable[WorkflowStatus]) -> list[WorkflowStatus]:
    return sorted(found, key=Cursor.at, reverse=True)


def _moment(milliseconds: int) -> str:
    """Return it as ISO 8601, and half a millisecond more, as whoever reads it cuts off what is less than one."""
    return datetime.fromtimestamp((max(milliseconds, 0) + 0.5) / 1000, UTC).isoformat()
