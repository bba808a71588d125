"""From a row of a table to a clip, or to the reason why it is left out."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.objects.keys import is_key
from training.speaker.data.clip import AgeGroup, Clip, Gender
from training.speaker.data.columns import Columns
from training.speaker.data.people import Unclear, age_of, gender_of

MOST_PATH_BYTES, MOST_SPEAKER_BYTES, MOST_WORD_BYTES = 640, 256, 256
"""Together with a data set's name they fit into the keys of DynamoDB's indexes, which have 1,024 bytes."""
_LONGEST_SECONDS = 86_400.0

Seconds = Callable[[str], float | None]


@dataclass
class Tally:
    """What was met while a table was read."""

    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that are no clip, by reason."""
    unclear: Counter[str] = field(default_factory=Counter)
    """Rows that are kept, of which something is not known, as it is spelled in no way that is understood."""


class LeftOut(Exception):
    """A row that is no clip; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes clips of the rows of one table."""

    columns: Columns
    data_set: str
    licence: str
    language: str
    seconds: Seconds
    """Length of the clip of that path, where the table itself does not tell it."""
    tally: Tally

    def clip(self, cells: Sequence[str]) -> Clip:
        """Return the clip of a row. Raises LeftOut."""
        if len(cells) != self.columns.count:
            raise LeftOut("row has another number of cells than the header")
        path = self._path(self._told(cells, "path"))
        gender, (group, years) = self._gender(cells), self._age(cells)
        return Clip(
            self.data_set,
            path,
            _speaker(self._told(cells, "speaker")),
            gender,
            group,
            years,
            _word(self._told(cells, "accent")),
            _word(self._told(cells, "language") or self.language).lower(),
            self._seconds(cells) or self.seconds(path),
            self._licence(cells),
        )

    def _told(self, cells: Sequence[str], name: str) -> str:
        return self.columns.told(cells, name)

    def _path(self, told: str) -> str:
        path = _common_voice_path(told) if self.columns.is_common_voice else told
        if len(path.encode()) > MOST_PATH_BYTES or not is_key(path):
            raise LeftOut("path is none of a file in the data set")
        return path

    def _licence(self, cells: Sequence[str]) -> str:
        licence = _word(self._told(cells, "licence") or self.licence)
        if not licence:
            raise LeftOut("row names no licence")
        return licence

    def _gender(self, cells: Sequence[str]) -> Gender:
        try:
            return gender_of(self._told(cells, "gender"))
        except Unclear as unclear:
            self.tally.unclear[str(unclear)] += 1
            return "unknown"

    def _age(self, cells: Sequence[str]) -> tuple[AgeGroup, float | None]:
        try:
            return age_of(self._told(cells, "age"))
        except Unclear as unclear:
            self.tally.unclear[str(unclear)] += 1
            return "unknown", None

    def _seconds(self, cells: Sequence[str]) -> float | None:
        for name, unit_seconds in (("seconds", 1.0), ("milliseconds", 0.001)):
            if told := self._told(cells, name):
                return duration_of(told, unit_seconds)
        return None


def duration_of(told: str, unit_seconds: float) -> float | None:
    """Return how many seconds a table tells; None for what cannot be."""
    try:
        seconds = round(float(told) * unit_seconds, 3)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and 0 < seconds <= _LONGEST_SECONDS else None


def _common_voice_path(told: str) -> str:
    """Return where a clip lies in a release; the oldest ones leave out how its name ends."""
    name = told if told.lower().endswith(".mp3") or not told else f"{told}.mp3"
    return name if "/" in name else f"clips/{name}"


def _speaker(told: str) -> str:
    if not told:
        raise LeftOut("row names no speaker")
    if len(told.encode()) > MOST_SPEAKER_BYTES or not told.isprintable():
        raise LeftOut("name of the speaker is too long, or is no name")
    return told


def _word(told: str) -> str:
    """Return a word of somebody's own as one printable line, cut where it is too long."""
    if not told.isprintable():
        told = "".join(character if character.isprintable() else " " for character in told)
    return told.encode()[:MOST_WORD_BYTES].decode(errors="ignore").strip()
