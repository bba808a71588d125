"""The files from which vocabularies and filters are read."""

from shared.problems import InvalidInput

_COLUMNS = ("Phrase", "SoundsLike", "IPA", "DisplayAs")


def words_in(text: str) -> list[str]:
    """Return the words of a file that has one on each line."""
    return [line.strip() for line in text.splitlines()]


def phrases_in(text: str) -> list[str]:
    """Return the phrases of a list, one on each line, or of a table with tabs: as they are to be written.

    Raises InvalidInput for a table with other columns.
    """
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    if all(len(row) == 1 for row in rows):
        return [as_written(phrase) for (phrase,) in rows]
    columns = [column.strip() for column in rows[0]]
    if _COLUMNS[0] not in columns or not set(columns) <= set(_COLUMNS):
        raise InvalidInput(f"The first line of a table names its columns, among {', '.join(_COLUMNS)}, with tabs.")
    return [_phrase(dict(zip(columns, row, strict=False))) for row in rows[1:]]


def as_written(phrase: str) -> str:
    """Return a phrase as a text has it: a hyphen stands for a space in Amazon's."""
    return " ".join(phrase.replace("-", " ").split())


def _phrase(row: dict[str, str]) -> str:
    return row.get("DisplayAs", "").strip() or as_written(row.get("Phrase", ""))
