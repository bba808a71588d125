"""Which recordings are held out for the evaluation: never trained on, and none of the same words on both sides."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput
from training.voices.corpus import Recording
from training.voices.texts import bare

_PERCENT, _LEAST, _MOST = 2, 2, 50
_LARGEST_SHARE = 0.25
"""Of an emotion's recordings: who has few needs them for training."""

Counts = Mapping[str, float]
"""How many recordings of each emotion."""


@dataclass(frozen=True)
class Split:
    """The recordings that are trained on, and those that are held out, in their order."""

    training: tuple[Recording, ...]
    evaluation: tuple[Recording, ...]


def split(recordings: Sequence[Recording]) -> Split:
    """Hold out 2 % of each emotion, at least 2 recordings and at most 50, the same ones in every run.

    All that have the same words stay on one side, whatever their emotion. So fewer are held out where few sentences
    are said again and again, and none where one is; never more than a quarter of an emotion, where that can be.
    """
    held_out = _held_out(recordings)
    return _parted(recordings, {recording.id for recording in recordings if bare(recording.text) in held_out})


def write_split(path: Path, made: Split) -> None:
    """Write down the ids of both sides as JSON; the file is there whole or not at all."""
    sides = {"training": made.training, "evaluation": made.evaluation}
    ids = {side: [recording.id for recording in recordings] for side, recordings in sides.items()}
    FolderObjects(path.parent).put(path.name, (json.dumps(ids, ensure_ascii=False, indent=1) + "\n").encode())


def read_split(path: Path, recordings: Sequence[Recording]) -> Split:
    """Return the split that was written down; recordings that came later are trained on, unless their words are held
    out. Raises InvalidInput for a file that holds none."""
    try:
        held_out = set(json.loads(path.read_text(encoding="utf-8"))["evaluation"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path.name} holds no split; remove it.") from error
    words = {bare(recording.text) for recording in recordings if recording.id in held_out}
    return _parted(recordings, {recording.id for recording in recordings if bare(recording.text) in words})


def _parted(recordings: Sequence[Recording], held_out: set[str]) -> Split:
    return Split(
        tuple(recording for recording in recordings if recording.id not in held_out),
        tuple(recording for recording in recordings if recording.id in held_out),
    )


def _held_out(recordings: Sequence[Recording]) -> set[str]:
    """Return the words that are held out, gone through in the order of their hashes."""
    emotions: dict[str, Counter[str]] = defaultdict(Counter)
    for recording in recordings:
        emotions[bare(recording.text)][recording.emotion] += 1
    counts = Counter(recording.emotion for recording in recordings)
    most = {emotion: count * _LARGEST_SHARE for emotion, count in counts.items()}
    wanted = {
        emotion: min(max(count * _PERCENT / 100, _LEAST), _MOST, most[emotion]) for emotion, count in counts.items()
    }
    taken: set[str] = set()
    held: Counter[str] = Counter()
    for limits in (wanted, most):  # sentences that are said too often are only taken where there are no others
        for words in sorted(emotions.keys() - taken, key=_hash):
            if _is_taken(emotions[words], held, wanted, limits):
                taken.add(words)
                held += emotions[words]
    return taken


def _is_taken(some: Counter[str], held: Counter[str], wanted: Counts, limits: Counts) -> bool:
    lacks = any(held[emotion] < int(wanted[emotion]) for emotion in some)
    return lacks and all(held[emotion] + count <= limits[emotion] for emotion, count in some.items())


def _hash(words: str) -> bytes:
    return hashlib.sha256(f"timbre:{words}".encode()).digest()
