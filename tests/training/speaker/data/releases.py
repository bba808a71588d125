"""Small releases of Common Voice, old and new, and other tables, made by hand."""

import csv
from collections.abc import Sequence
from pathlib import Path

Row = dict[str, str]

OLD = ("client_id", "path", "sentence", "up_votes", "down_votes", "age", "gender", "accent")
"""Columns of releases 2 to 4; paths had no ending, and there was no language."""
MIDDLE = (*OLD, "locale", "segment")
NEW = (
    *("client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes"),
    *("age", "gender", "accents", "variant", "locale", "segment"),
)
"""Columns since release 17."""
DURATIONS = "clip_durations.tsv"


def person(number: int) -> str:
    """Return a client_id as Common Voice has them: 128 digits."""
    return f"{number:0128x}"


def write_release(folder: Path, columns: Sequence[str], rows: Sequence[Row], table: str = "validated.tsv") -> Path:
    """Write a table as Common Voice does: tabs, and no quotes that mean anything."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(columns), *("\t".join(row.get(column, "") for column in columns) for row in rows)]
    (folder / table).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def write_durations(folder: Path, milliseconds: dict[str, int]) -> None:
    """Write how long clips are, as newer releases do."""
    lines = ["clip\tduration[ms]", *(f"{clip}\t{length}" for clip, length in milliseconds.items())]
    (folder / DURATIONS).write_text("".join(f"{line}\n" for line in lines))


def write_table(folder: Path, rows: Sequence[Row], table: str = "metadata.csv") -> Path:
    """Write a table with commas, and the columns of the first row."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / table).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def many(speakers: int, clips_each: int = 2, prefix: str = "") -> list[Row]:
    """Return rows of people of all kinds, those of one person apart from each other."""
    genders = ("female_feminine", "male_masculine", "", "non-binary")
    ages = ("teens", "twenties", "thirties", "fourties", "fifties", "sixties", "seventies", "")
    return [
        {
            "client_id": person(number),
            "path": f"{prefix}common_voice_{number}_{clip}.mp3",
            "sentence": 'She said: "Go on 🎉',
            "gender": genders[number % 4],
            "age": ages[number // 4 % 8],
            "accents": "England English" if number % 3 else "",
            "locale": "en",
        }
        for clip in range(clips_each)
        for number in range(speakers)
    ]
