"""A data set's table of clips, read: path, text, emotion and speaker."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shared.objects.keys import is_key
from shared.problems import InvalidInput
from shared.text.emotions import EMOTION_NAMES

TABLE = "metadata.csv"
_EMOTION_NAMES = EMOTION_NAMES | {"pleasant surprise": "surprised", "": "neutral"}


class Clip(NamedTuple):
    """One recording of the table."""

    path: Path
    text: str
    emotion: str
    speaker: str


def clips_of(folder: Path, speaker: str = "") -> Iterator[Clip]:
    """Yield the clips of a metadata.csv whose text is known, of that speaker, or of all.

    Its columns are path and text, and emotion and speaker where it has them; an emotion may have a strength behind it
    ("angry/strong"). Raises InvalidInput for a table without these columns, an emotion that voices do not know, or a
    path that leads out of the folder; OSError.
    """
    with (folder / TABLE).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"path", "text"} <= set(rows.fieldnames or ()):
            raise InvalidInput(f"{TABLE} has no columns path and text.")
        for row in rows:
            if row["text"] and speaker in ("", row.get("speaker")):
                yield _clip(folder, row, f"{TABLE}, line {rows.line_num}")


def _clip(folder: Path, row: dict[str, str], place: str) -> Clip:
    told = (row.get("emotion") or "").partition("/")[0].strip().lower().replace("_", " ")
    if told not in _EMOTION_NAMES:
        raise InvalidInput(f"{place}: '{told}' is no emotion that voices know.")
    if not is_key(row["path"]):
        raise InvalidInput(f"{place}: the path is none of a file below the folder.")
    text = " ".join(row["text"].replace("|", " ").split())
    return Clip(folder / row["path"], text, _EMOTION_NAMES[told], row.get("speaker") or "")
