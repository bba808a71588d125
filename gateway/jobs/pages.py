"""Where a page of a listing begins. New jobs do not move the pages of a listing that was begun before them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.problems import InvalidInput

_FORM = re.compile(r"([0-9]{1,14})\.([0-9]{1,9})")  # 14 digits are the years to 5138; no more is a date


@dataclass(frozen=True, slots=True)
class Cursor:
    """So many jobs into those that were there at a moment; of a new listing neither is set."""

    newest_milliseconds: int | None = None
    offset: int = 0

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """Return what `following` wrote. Raises InvalidInput."""
        if text is None:
            return cls()
        if not (found := _FORM.fullmatch(text)):
            raise InvalidInput("`after` is the `next` of the page before.", param="after")
        return cls(int(found[1]), int(found[2]))

    @property
    def until(self) -> str | None:
        """The moment as ISO 8601, and half a millisecond more, as whoever reads it cuts off what is less than one."""
        if self.newest_milliseconds is None:
            return None
        return datetime.fromtimestamp((self.newest_milliseconds + 0.5) / 1000, UTC).isoformat()

    def following(self, newest_milliseconds: int | None, count: int) -> str:
        """Return the cursor behind a page of `count` jobs, in which `newest_milliseconds` came first."""
        return f"{self.newest_milliseconds or newest_milliseconds}.{self.offset + count}"
