"""Stage 2: the change of each emotion against the same speaker's neutral speech.

The median over the speakers of a corpus, then the mean over the corpora (of logarithms, for factors).
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median

import numpy as np

ABOUT = (
    "Changes against the same actor's neutral speech, in ProsodyChange's members. "
    "Only these figures are kept; no recording is part of the product."
)
SOURCES = {
    "ravdess": "RAVDESS (Livingstone and Russo 2018, doi:10.5281/zenodo.1188976; CC BY-NC-SA 4.0)",
    "emodb": "EmoDB (Burkhardt et al. 2005, doi:10.21437/Interspeech.2005-446); level not used, as it was normalised",
}

Clip = dict[str, str]
Changes = dict[str, dict[str, dict[str, float]]]
"""Emotion -> intensity -> member -> value."""
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


def changes(clips: Sequence[Clip]) -> Changes:
    """Return emotion -> intensity -> member of ProsodyChange -> value, with the number of clips and speakers."""
    groups: dict[tuple[str, str], Group] = defaultdict(lambda: defaultdict(list))
    for clip in clips:
        label, _, intensity = clip["emotion"].partition("/")
        emotion = NAMES.get(label, label)
        groups[emotion, intensity or "normal"][clip["speaker"], clip["text"]].append(clip)
    neutral = groups.pop(("neutral", "normal"))
    result: Changes = defaultdict(dict)
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


def combined(corpora: Mapping[str, Changes]) -> Changes:
    """Average what several corpora say of the same emotion and intensity; those that lack a member do not count."""
    result: Changes = defaultdict(dict)
    keys = sorted(
        {(emotion, strength) for table in corpora.values() for emotion in table for strength in table[emotion]}
    )
    for emotion, strength in keys:
        rows = [table[emotion][strength] for table in corpora.values() if strength in table.get(emotion, {})]
        members = {member: [row[member] for row in rows if member in row] for member in (*RATIOS, *DIFFERENCES)}
        result[emotion][strength] = {
            member: round(float(np.exp(np.mean(np.log(values))) if member in RATIOS else np.mean(values)), 3)
            for member, values in members.items()
        }
    return result


def read(path: Path, *, with_level: bool) -> Changes:
    """Return the changes in the clips of a CSV file of stage 1."""
    with path.open(newline="", encoding="utf-8") as file:
        table = changes(list(csv.DictReader(file)))
    if not with_level:
        for row in (row for strengths in table.values() for row in strengths.values()):
            del row["volume_db"]
    return table


def main() -> None:
    """Write the table as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+", help="CSV files of stage 1, named after their corpus")
    parser.add_argument("table", type=Path, help="JSON file to write")
    parser.add_argument("--levelled", nargs="*", default=[], help="corpora whose clips were brought to one level")
    arguments = parser.parse_args()
    corpora = {path.stem: read(path, with_level=path.stem not in arguments.levelled) for path in arguments.clips}
    table = {
        "about": ABOUT,
        "sources": [SOURCES.get(name, name) for name in corpora],
        "command": "training/styles/run.sh DATA_FOLDER",
        "emotions": combined(corpora),
        "corpora": corpora,
    }
    arguments.table.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
