"""A data set that is prepared for a network: the recordings with their symbols, and which are held out."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from shared.objects.folder import FolderObjects

INDEX = "index.json"
TRAINING, EVALUATION = "training", "evaluation"


@dataclass(frozen=True)
class Spoken:
    """One prepared recording."""

    id: str
    file: str
    """Of what the network learns from it."""
    text: str
    ids: tuple[int, ...]
    style: int
    side: str


@dataclass(frozen=True)
class Prepared:
    """A prepared folder."""

    folder: Path
    sample_rate_hz: int
    language: str
    symbols: int
    """How many there are in the table that `ids` come from."""
    styles: tuple[str, ...]
    """Emotions, neutral first."""
    recordings: tuple[Spoken, ...]

    def of(self, side: str) -> list[Spoken]:
        """Return the recordings that are trained on, or those that are held out."""
        return [recording for recording in self.recordings if recording.side == side]


AnyPrepared = TypeVar("AnyPrepared", bound=Prepared)


def write_index(folder: Path, facts: dict[str, Any], recordings: Sequence[Spoken]) -> None:
    """Write what `read_prepared` reads, whole or not at all; `facts` are the other members of Prepared."""
    index = {**facts, "recordings": [asdict(recording) for recording in recordings]}
    FolderObjects(folder).put(INDEX, json.dumps(index).encode())


def read_prepared(folder: Path, kind: type[AnyPrepared]) -> AnyPrepared:
    """Return a prepared folder as a network wants to see it. Raises FileNotFoundError where there is none."""
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    recordings = tuple(Spoken(**{**each, "ids": tuple(each["ids"])}) for each in index.pop("recordings"))
    return kind(**{**index, "folder": folder, "styles": tuple(index["styles"]), "recordings": recordings})
