"""Where it is kept what became of recordings: one small interface, two ways behind it."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

SPARE = timedelta(days=1)
"""Outcomes are kept so much longer than jobs, as they are there before their job has ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one version of a recording: what the speaker service answered, or why it could not."""

    etag: str
    """Of the recording: it changes whenever other sound is put under the same key."""
    prediction: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    """Body of a problem (RFC 9457), where there is no prediction."""

    @property
    def answer(self) -> bytes:
        """The prediction as JSON, the same each time and wherever it was kept."""
        return orjson.dumps(self.prediction, option=orjson.OPT_SORT_KEYS)


class Predictions(Protocol):
    """Outcomes by the key of the recording. All calls block, may come from several threads, and raise Unavailable."""

    @abstractmethod
    def get(self, key: str) -> Outcome | None:
        """Return what became of a recording, or None if that is not known yet."""

    @abstractmethod
    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome. Of the same version of a recording the first prediction stays, whatever comes after it."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget a recording; one that is not known is no error."""

    @abstractmethod
    def expire(self, before: datetime) -> None:
        """Forget outcomes that were kept before then, and some time before to spare."""
