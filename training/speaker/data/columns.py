"""Which column of a table is which: Common Voice's of all releases, and what others call theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.problems import InvalidInput

_NAMES = {
    "path": ("path", "file", "filename", "clip"),
    "speaker": ("client_id", "speaker", "speaker_id"),
    "gender": ("gender", "sex"),
    "age": ("age",),
    "accent": ("accents", "accent"),
    "language": ("locale", "language", "lang"),
    "seconds": ("duration_seconds", "duration_s", "duration"),
    "milliseconds": ("duration_ms", "duration[ms]"),
    "licence": ("licence", "license"),
}
_COMMON_VOICE = "client_id"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row what stands."""

    count: int
    places: dict[str, int]
    is_common_voice: bool

    def told(self, cells: Sequence[str], name: str) -> str:
        """Return a cell without the space around it; empty where the table has no such column."""
        place = self.places.get(name)
        return "" if place is None else cells[place].strip()


def columns_of(header: Sequence[str]) -> Columns:
    """Return what a table's first row says. Raises InvalidInput where a column is missing that is needed."""
    names = [name.strip().lower() for name in header]
    places = {
        ours: names.index(found) for ours, theirs in _NAMES.items() if (found := _first(theirs, names)) is not None
    }
    missing = [" or ".join(_NAMES[name]) for name in ("path", "speaker") if name not in places]
    if not places.keys() & {"gender", "age"}:
        missing.append("gender or age")
    if missing:
        raise InvalidInput(f"The table has no column {', and none '.join(missing)}.")
    return Columns(len(names), places, _COMMON_VOICE in names)


def _first(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in names), None)
