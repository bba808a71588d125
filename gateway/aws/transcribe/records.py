"""Transcription jobs by the names that their callers gave them, and what they asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from gateway.jobs.names import NAMED_JOBS
from gateway.jobs.orders import id_of
from gateway.owned import Document, Owned
from shared.objects import ObjectStore

_STARTING = timedelta(minutes=1)
"""Between a name and its job; one without a job is of a start that failed."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a job under its name."""

    name: str
    key: str
    """The idempotency key of the job: another for each job of a name."""
    created: datetime
    asked: dict[str, Any]
    """The parameters of its start."""

    def job_id(self, caller: str) -> str:
        """Return the id of the job."""
        return id_of(caller, self.key)

    @property
    def is_starting(self) -> bool:
        """Whether its job may not be there yet."""
        return datetime.now(UTC) - self.created < _STARTING


class Records:
    """The records of all callers; each call blocks and raises as those of `Owned`."""

    def __init__(self, objects: ObjectStore) -> None:
        self._owned = Owned(objects, NAMED_JOBS)

    def add(self, caller: str, name: str, asked: dict[str, Any]) -> Record:
        """Take a name. Raises AlreadyExists."""
        record = Record(name, token_hex(16), datetime.now(UTC), asked)
        self._owned.add(caller, name, _document(record))
        return record

    def names(self, caller: str) -> dict[str, datetime]:
        """Return the names, and when each was given."""
        return self._owned.names(caller)

    def several(self, caller: str, names: Iterable[str]) -> Iterator[Record]:
        """Return those of these names, in that order."""
        return (_record(name, found) for name, found in self._owned.several(caller, names))

    def delete(self, caller: str, name: str) -> None:
        """Make a name free."""
        self._owned.delete(caller, name)


def _document(record: Record) -> Document:
    return {"key": record.key, "created": record.created.isoformat(), "asked": record.asked}


def _record(name: str, found: Document) -> Record:
    return Record(name, found["key"], datetime.fromisoformat(found["created"]), found["asked"])
