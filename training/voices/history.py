"""What each epoch of a training gave: a JSON object a line."""

import json
from pathlib import Path

from shared.objects.folder import FolderObjects

HISTORY = "history.jsonl"


def note(folder: Path, row: dict[str, float]) -> None:
    """Write down what an epoch gave, in place of what a run noted of it that was killed then."""
    rows = [*read_history(folder, row["epoch"] - 1), row]
    FolderObjects(folder).put(HISTORY, "".join(json.dumps(each) + "\n" for each in rows).encode())


def read_history(folder: Path, epochs: float = float("inf")) -> list[dict[str, float]]:
    """Return what the epochs gave, up to one."""
    path = folder / HISTORY
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [row for row in rows if row["epoch"] <= epochs]
