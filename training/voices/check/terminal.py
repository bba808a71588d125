"""The report as a terminal shows it."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.printable import printable
from training.voices.check.findings import Case, Finding, Level
from training.voices.check.report import Report, percentiles

_MOST_CASES = 5
_STYLES = {Level.REFUSED: "bold red", Level.WARNING: "yellow"}


def show(report: Report, console: Console) -> None:
    """Print hours, measures, and what is wrong; texts of others do nothing to the terminal."""
    console.print(_hours(report))
    console.print(_spread(report))
    for line in _lines(report):
        console.print(line, soft_wrap=True)


def _hours(report: Report) -> Table:
    table = Table("speaker", "emotion", title="What there is", title_justify="left")
    table.add_column("recordings", justify="right")
    table.add_column("minutes", justify="right")
    for group in report.groups():
        speaker, minutes = printable(group["speaker"]) or "-", f"{group['hours'] * 60:.1f}"
        table.add_row(Text(speaker), group["emotion"], str(group["recordings"]), minutes)
    return table


def _spread(report: Report) -> Table:
    table = Table("measure", title="How it is spread", title_justify="left")
    for name in ("least", "5 %", "median", "95 %", "most"):
        table.add_column(name, justify="right")
    for name, values in percentiles(report).items():
        table.add_row(name.replace("_", " "), *(f"{value:.2f}" for value in values.values()))
    return table


def _lines(report: Report) -> Iterator[Text]:
    for found in report.findings:
        yield from _finding(found)
    if (rate := report.median_error_rate()) is not None:
        yield Text(f"\nWord error rate of {len(report.heard)} recordings that were listened to: median {rate:.0%}")
        for each in report.heard[:_MOST_CASES]:
            recording = each.measured.recording
            told = f"{recording.id}: {each.word_error_rate:.0%}, heard: {each.text or 'nothing'}"
            yield Text(f"  {printable(told)}", style="dim")
    yield Text(f"\n{verdict(report)}", style="bold")


def _finding(found: Finding) -> Iterator[Text]:
    count = f" ({len(found.cases)})" if found.cases else ""
    yield Text(f"\n{found.level}: ", style=_STYLES[found.level]) + Text(f"{printable(found.what)}{count}", style="")
    yield Text(f"  {printable(found.mend)}")
    for each in found.cases[:_MOST_CASES]:
        yield Text(f"  - {printable(_told(each))}", style="dim")
    if len(found.cases) > _MOST_CASES:
        yield Text(f"  - and {len(found.cases) - _MOST_CASES} more", style="dim")


def _told(each: Case) -> str:
    where = " ".join(filter(None, (each.place, each.id)))
    return f"{where}: {each.detail}" if where else each.detail


def verdict(report: Report) -> str:
    """Return what it comes to, in a sentence."""
    if report.is_refused:
        return "No voice can be trained on this; mend what is refused."
    if report.findings:
        return "A voice can be trained on this; what is warned of will be heard."
    return "A voice can be trained on this."
