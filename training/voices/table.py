"""The lines of a metadata.csv as LJSpeech has them: `id|text|normalised`, or the columns that a first line names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.problems import InvalidInput
from shared.text.emotions import EMOTION_NAMES

TABLE = "metadata.csv"
MOST_TABLE_BYTES = 1 << 26
_MOST_LINE_BYTES = 1 << 16
_MOST_SPEAKER_CHARACTERS = 100
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_NAMES = {
    "id": ("id", "file", "filename", "path", "audio_file", "wav"),
    "text": ("text", "transcript", "transcription"),
    "normalised": ("normalised", "normalized", "normalised_text", "normalized_text"),
    "emotion": ("emotion", "emotion_name"),
    "speaker": ("speaker", "speaker_name", "speaker_id"),
}
_USUAL = {"id": 0, "text": 1, "normalised": 2}
_HEADER = "id|text|normalised|emotion|speaker"

Columns = dict[str, int]
"""Where in a line what stands."""


class Fault(NamedTuple):
    """Something that cannot be trained on: where it stands, what is wrong with it, and how to mend it."""

    place: str
    what: str
    mend: str


class Row(NamedTuple):
    """What a line says of a recording; the text may be empty."""

    place: str
    """Such as "metadata.csv, line 3"."""
    folder: str
    """Of the table: empty, or the emotion's with a slash."""
    name: str
    text: str
    """The normalised one, where there is one."""
    emotion: str
    speaker: str

    @property
    def id(self) -> str:
        """Its name within the corpus."""
        return f"{self.folder}{self.name}"


class _Wrong(Exception):
    """A line that cannot be read: what is wrong, and how to mend it."""


@dataclass(frozen=True)
class Table:
    """A metadata.csv: the folder in which it lies, and the emotion of lines that tell none."""

    folder: str = ""
    emotion: str = "neutral"

    @property
    def key(self) -> str:
        """Where it lies."""
        return f"{self.folder}{TABLE}"

    def rows(self, contents: bytes) -> Iterator[Row | Fault]:
        """Yield what each line says, or what is wrong with it; empty lines say nothing.

        Raises InvalidInput for a first line of names without those that are needed.
        """
        columns: Columns | None = None
        for number, line in enumerate(contents.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), 1):
            place = f"{self.key}, line {number}"
            try:
                cells = _cells(line)
                if not any(cells):
                    continue
                if columns is None and (named := _named(cells)):
                    columns = named
                    continue
                columns = columns or _USUAL
                yield self._row(place, cells, columns)
            except _Wrong as wrong:
                yield Fault(place, *wrong.args)

    def _row(self, place: str, cells: Sequence[str], columns: Columns) -> Row:
        _check_count(cells, columns)
        told = {name: " ".join(cells[at].split()) if at < len(cells) else "" for name, at in columns.items()}
        if not told["id"]:
            raise _Wrong("It names no recording.", "Write the name of the sound file in front of the text.")
        text = told.get("normalised") or told["text"]
        emotion, speaker = self._emotion(told.get("emotion", "")), _speaker(told.get("speaker", ""))
        return Row(place, self.folder, told["id"], text, emotion, speaker)

    def _emotion(self, told: str) -> str:
        if not told:
            return self.emotion
        if (name := EMOTION_NAMES.get(told.lower())) is None:
            emotions = ", ".join(dict.fromkeys(EMOTION_NAMES.values()))
            raise _Wrong(f"'{told[:40]}' is no emotion that voices know.", f"Name one of these: {emotions}.")
        return name


def _cells(line: bytes) -> list[str]:
    if len(line) > _MOST_LINE_BYTES:
        raise _Wrong(f"It has more than {_MOST_LINE_BYTES} bytes.", "Give each recording a line, and each line an end.")
    try:
        return [cell.strip() for cell in line.decode().split("|")]
    except UnicodeDecodeError:
        raise _Wrong("It is not UTF-8.", "Save the file as UTF-8.") from None


def _named(cells: Sequence[str]) -> Columns | None:
    """Return the columns that a first line names; None if it names none, but is a recording's."""
    names = [cell.lower() for cell in cells]
    found = {ours: at for ours, theirs in _NAMES.items() for at, name in enumerate(names) if name in theirs}
    if names[0] not in _NAMES["id"] and len(found) < 2:
        return None
    if missing := [name for name in ("id", "text") if name not in found]:
        raise InvalidInput(f"The first line of {TABLE} names no column '{missing[0]}'; write {_HEADER}.")
    return found


def _check_count(cells: Sequence[str], columns: Columns) -> None:
    if len(cells) == 1:
        raise _Wrong("It has one column.", "Part the name of the sound file and its text by '|': id|text.")
    if columns is _USUAL and len(cells) > len(_USUAL):
        told = f"It has {len(cells)} columns, and no first line says what they are."
        raise _Wrong(told, f"Name them in a first line such as {_HEADER}, or take the '|' out of the text.")
    if columns is not _USUAL and len(cells) != len(columns) and len(cells) <= max(columns.values()):
        raise _Wrong("It has fewer columns than the first line.", "Write as many '|' as there are in the first line.")


def _speaker(told: str) -> str:
    if len(told) > _MOST_SPEAKER_CHARACTERS or not told.isprintable():
        raise _Wrong("Its speaker is no name.", f"Name speakers with up to {_MOST_SPEAKER_CHARACTERS} characters.")
    return told
