"""What people and programs get to read: clips as they are found, counts as a table, what an import did."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence

from shared.printable import printable
from training.speaker.data.clip import AGE_GROUPS, GENDERS, SPLITS, Clip
from training.speaker.data.counts import Count, Group, together
from training.speaker.data.importing import Imported

_WIDTHS = {"data_set": 20, "path": 40, "speaker": 14, "gender": 8, "age_group": 11, "accent": 22, "language": 9}
_MEASURES = ("HOURS", "CLIPS", "SPEAKERS")


def show_clips(clips: Iterable[Clip]) -> None:
    """Write a line for each clip as soon as it is found."""
    heads = [*_WIDTHS, "seconds", "split"]
    say("  ".join(head.upper().ljust(_WIDTHS.get(head, 8)) for head in heads).rstrip())
    for clip in clips:
        cells = [_fitted(str(getattr(clip, name)) or "-", width) for name, width in _WIDTHS.items()]
        say("  ".join([*cells, f"{_seconds(clip):<8}", clip.split]))


def show_json(clips: Iterable[Clip]) -> None:
    """Write each clip as an object a line."""
    for clip in clips:
        say(json.dumps(clip._asdict(), ensure_ascii=False))


def show_csv(clips: Iterable[Clip]) -> None:
    """Write the clips as a table with commas, whole."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Clip._fields)
    writer.writerows(clips)


def show_counts(counts: dict[Group, Count]) -> None:
    """Write hours, clips and speakers of each gender and age group, a column a split."""
    measures = ["", "", *(head for measure in _MEASURES for head in (measure, *[""] * len(SPLITS)))]
    heads = ["GENDER", "AGE", *[*(split[:5] for split in SPLITS), "all"] * len(_MEASURES)]
    _show([measures, heads, *_count_rows(counts), ["all", "", *_cells(counts)]])
    if unmeasured := together(counts.values()).unmeasured:
        say(f"The length of {unmeasured} clips is not known: they are in no hours.")


def show_counts_json(counts: dict[Group, Count]) -> None:
    """Write each group as an object a line."""
    for group, count in counts.items():
        measures = {"hours": round(count.hours, 4), "clips": count.clips, "speakers": len(count.people)}
        say(json.dumps({**group._asdict(), **measures, "unmeasured_clips": count.unmeasured}))


def show_imported(imported: Imported) -> None:
    """Write what became of a table."""
    name = printable(imported.source)
    if imported.was_done:
        say(f"{name}: {imported.clips} clips, all in the catalogue already.")
        return
    dealt = ", ".join(f"{imported.speakers[split]} {split}" for split in SPLITS)
    say(f"{name}: {imported.clips} clips; {imported.speakers.total()} new speakers: {dealt}.")
    for what, reasons in (("left out", imported.tally.left_out), ("kept, but", imported.tally.unclear)):
        for why, count in reasons.most_common():
            say(f"  {count} {what}: {why}")


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


def _count_rows(counts: dict[Group, Count]) -> Iterator[list[str]]:
    for gender in GENDERS:
        for age_group in AGE_GROUPS:
            some = {group: count for group, count in counts.items() if group[:2] == (gender, age_group)}
            if some:
                yield [gender, age_group, *_cells(some)]


def _cells(counts: dict[Group, Count]) -> list[str]:
    sums = [together(count for group, count in counts.items() if group.split in which) for which in (*SPLITS, SPLITS)]
    hours = [f"{total.hours:.2f}" for total in sums]
    return [*hours, *(str(total.clips) for total in sums), *(str(len(total.people)) for total in sums)]


def _show(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        words = [cell.ljust(width) for cell, width in zip(row[:2], widths, strict=False)]
        numbers = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        say("  ".join([*words, *numbers]).rstrip())


def _fitted(text: str, width: int) -> str:
    line = printable(text)
    return line.ljust(width) if len(line) <= width else f"{line[: width - 1]}…"


def _seconds(clip: Clip) -> str:
    return "-" if clip.duration_seconds is None else f"{clip.duration_seconds:.2f}"
