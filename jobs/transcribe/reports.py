"""What people get to read: how far it is, on standard error, and tables on standard output."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from jobs.transcribe.plan import Share
from jobs.transcribe.recordings import Outcome, State
from shared.objects.base import LeftOut
from shared.printable import printable

_MOST_LINES = 20
_STATES: dict[State, str] = {
    "written": "written down",
    "unchanged": "unchanged, output was there",
    "failed": "failed, reason in failed/",
    "left": "left in input/",
}
_REFUSED = "name refused, reason in child_job_input/"


class Advance(Protocol):
    """Counts one more as done."""

    def __call__(self, outcome: Outcome) -> None:
        """Say what became of it."""


@contextmanager
def progress(total: int) -> Iterator[Advance]:
    """Show on a terminal how far it is, for the block."""
    columns = (TextColumn("Recordings"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)
        yield lambda outcome: bar.advance(task, 0 if outcome.state == "elsewhere" else 1)


def show_summary(outcomes: Sequence[Outcome], refused: Sequence[LeftOut], seconds: float) -> None:
    """Write what became of all, and which ones did not go well."""
    states = Counter(outcome.state for outcome in outcomes)
    sound_seconds = sum(outcome.sound_seconds for outcome in outcomes)
    rows = [(words, str(states[state])) for state, words in _STATES.items()]
    rows.append((_REFUSED, str(len(refused))))
    rows += [("sound written down", _length(sound_seconds)), ("time taken", _length(seconds))]
    if sound_seconds:
        rows.append(("times faster than speech", f"{sound_seconds / max(seconds, 1e-9):.2f}"))
    _show(("Recordings", ""), rows)
    bad = [(outcome.key, outcome.why) for outcome in outcomes if outcome.state in ("failed", "left")]
    show_reasons(bad)
    show_refused(refused)


def show_refused(refused: Sequence[LeftOut]) -> None:
    """Write what lies in input/ and nothing can be done with, and why, where there is any."""
    show_reasons([(each.name, each.why) for each in refused])


def show_reasons(reasons: Sequence[tuple[str, str]]) -> None:
    """Write names and what is wrong with them, where there are any."""
    if reasons:
        _show(("Recording", "Why"), reasons[:_MOST_LINES])
    if len(reasons) > _MOST_LINES:
        say(f"... and {len(reasons) - _MOST_LINES} more.")


def show_plan(shares: Sequence[Share], refused: Sequence[LeftOut]) -> None:
    """Write what each child is to do, and what nobody can do."""
    rows = [(str(number), str(len(share.keys)), _length(share.sound_seconds)) for number, share in enumerate(shares)]
    if refused:
        rows.append(("name refused", str(len(refused)), ""))
    _show(("Child", "Recordings", "Sound, about"), rows)
    show_refused(refused)


def show_places(counts: Iterable[tuple[str, int]]) -> None:
    """Write how many recordings are where."""
    _show(("Place", "Recordings"), [(place, str(count)) for place, count in counts])


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


def _show(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(*(Column(head, overflow="fold") for head in heads))
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))  # no markup: names may look like it
    console = Console(file=sys.stdout)
    console.print(table)


def _length(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if round(seconds) >= 60 else f"{seconds:.1f} s"
