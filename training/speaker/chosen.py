"""Which clips of the catalogue are learned from, and in which share of the work each is."""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable

from training.speaker.data.clip import Clip


def chosen(clips: Iterable[Clip], most_per_speaker: int) -> list[Clip]:
    """Return at most so many clips of each speaker, in an order that looks random and is always the same.

    Clips of which neither gender nor age is known are left out. Only what is returned is held in memory.
    """
    kept: dict[str, list[tuple[int, Clip]]] = defaultdict(list)
    for clip in clips:
        if clip.gender == clip.age_group == "unknown":
            continue
        of_speaker = kept[clip.speaker]
        # the largest of the negative is the smallest: what falls out of the heap is last in order
        add = heapq.heappush if len(of_speaker) < most_per_speaker else heapq.heappushpop
        add(of_speaker, (-_place(clip), clip))
    ordered = sorted((-place, clip) for of_speaker in kept.values() for place, clip in of_speaker)
    return [clip for _, clip in ordered]


def _place(clip: Clip) -> int:
    return int.from_bytes(hashlib.sha256(f"{clip.data_set}/{clip.path}".encode()).digest()[:8])
