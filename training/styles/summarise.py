"""Stage 2: the change of each emotion against the same speaker's neutral speech, the median over speakers."""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median

import numpy as np

Clip = dict[str, str]
Group = dict[tuple[str, str], list[Clip]]
"""Clips of one emotion by (speaker, text)."""

NAMES = {"disgust": "disgusted", "fear": "fearful", "surprise": "surprised"}
"""Labels of data sets that differ from ours."""


def _log(member: str) -> Callable[[Clip], float]:
    return lambda clip: float(np.log(float(clip[member])))


def _plain(member: str) -> Callable[[Clip], float]:
    return lambda clip: float(clip[member])


RATIOS: dict[str, tuple[Callable[[Clip], float], int]] = {
    "rate": (_log("active_seconds"), -1),
    "pitch": (_log("f0_hz"), 1),
    "pitch_range": (_log("f0_range_semitones"), 1),
}
"""Compared as logarithms, given as factors; more seconds is a lower rate."""
DIFFERENCES = {"volume_db": _plain("level_db"), "tilt_db": _plain("tilt_db")}


def changes(clips: Sequence[Clip]) -> dict[str, dict[str, dict[str, float]]]:
    """Return emotion -> intensity -> member of ProsodyChange -> value, with the number of clips and speakers."""
    groups: dict[tuple[str, str], Group] = defaultdict(lambda: defaultdict(list))
    for clip in clips:
        label, _, intensity = clip["emotion"].partition("/")
        emotion = NAMES.get(label, label)
        groups[emotion, intensity or "normal"][clip["speaker"], clip["text"]].append(clip)
    neutral = groups.pop(("neutral", "normal"))
    result: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for (emotion, intensity), group in sorted(groups.items()):
        result[emotion][intensity] = _change(group, neutral)
    return result


def _change(group: Group, neutral: Group) -> dict[str, float]:
    row: dict[str, float] = {
        "clips": sum(map(len, group.values())),
        "speakers": len({speaker for speaker, _ in group if any(speaker == other for other, _ in neutral)}),
    }
    for member, (measure, sign) in RATIOS.items():
        row[member] = round(float(np.exp(sign * _median_difference(measure, group, neutral))), 3)
    for member, measure in DIFFERENCES.items():
        row[member] = round(_median_difference(measure, group, neutral), 2)
    return row


def _median_difference(measure: Callable[[Clip], float], group: Group, neutral: Group) -> float:
    """Compare the same words of the same speaker, average over the texts, take the median over the speakers."""
    by_speaker: dict[str, list[float]] = defaultdict(list)
    for (speaker, text), clips in group.items():
        if plain := neutral.get((speaker, text)):
            by_speaker[speaker].append(fmean(map(measure, clips)) - fmean(map(measure, plain)))
    return median(map(fmean, by_speaker.values()))


def main() -> None:
    """Write the table as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, help="CSV file of stage 1")
    parser.add_argument("table", type=Path, help="JSON file to write")
    parser.add_argument("--source", required=True, help="what was measured, and its licence")
    arguments = parser.parse_args()
    with arguments.clips.open(newline="", encoding="utf-8") as file:
        clips = list(csv.DictReader(file))
    table = {
        "source": arguments.source,
        "kept": "Only these figures are kept; no recording is part of the product.",
        "command": "training/styles/run.sh DATA_FOLDER",
        "clips": len(clips),
        "emotions": changes(clips),
    }
    arguments.table.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
