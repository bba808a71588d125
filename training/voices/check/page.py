"""The report as one page that needs nothing beside it: no scripts, no other files, all texts of others escaped."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from shared.objects.folder import FolderObjects
from shared.printable import printable
from training.voices.check.findings import Case, Finding
from training.voices.check.pictures import picture
from training.voices.check.report import Report, percentiles
from training.voices.check.terminal import verdict

_MOST_ROWS = 200
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: .5rem 0 1.5rem }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
td { overflow-wrap: anywhere }
img { max-width: 100% }
.refused { border-left: .4rem solid #c03028; padding-left: 1rem }
.warning { border-left: .4rem solid #e0a020; padding-left: 1rem }
"""


def write_page(path: Path, report: Report, title: str) -> None:
    """Write the page, whole or not at all."""
    FolderObjects(path.parent).put(path.name, page(report, title).encode())


def page(report: Report, title: str) -> str:
    """Return the page as HTML."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{_shown(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>Check of {_shown(title)}</h1><p><strong>{_shown(verdict(report))}</strong></p>",
            *_amounts(report),
            *(line for found in report.findings for line in _finding(found)),
            *_plots(report),
            *_heard(report),
            "</body></html>\n",
        ]
    )


def _amounts(report: Report) -> Iterator[str]:
    groups = (
        (group["speaker"] or "-", group["emotion"], str(group["recordings"]), f"{group['hours'] * 60:.1f}")
        for group in report.groups()
    )
    yield _table(("speaker", "emotion", "recordings", "minutes"), groups)


def _finding(found: Finding) -> Iterator[str]:
    yield f'<section class="{found.level}"><h2>{_shown(found.level)}: {_shown(found.what)}</h2>'
    yield f"<p>{_shown(found.mend)}</p>"
    if found.cases:
        yield _cases(found.cases[:_MOST_ROWS])
    if len(found.cases) > _MOST_ROWS:
        yield f"<p>And {len(found.cases) - _MOST_ROWS} more.</p>"
    yield "</section>"


def _cases(cases: Sequence[Case]) -> str:
    """Return a table of the columns in which anything stands."""
    columns = {
        "where": [each.place for each in cases],
        "recording": [each.id for each in cases],
        "what": [each.detail for each in cases],
    }
    shown = {head: column for head, column in columns.items() if any(column)}
    return _table(shown, zip(*shown.values(), strict=True))


def _plots(report: Report) -> Iterator[str]:
    if report.usable:
        coded = base64.b64encode(picture(report)).decode()
        yield f'<h2>Plots</h2><img alt="Plots of the measures" src="data:image/png;base64,{coded}">'
        rows = ((name.replace("_", " "), *map(str, values.values())) for name, values in percentiles(report).items())
        yield _table(("measure", "least", "5 %", "median", "95 %", "most"), rows)


def _heard(report: Report) -> Iterator[str]:
    if (rate := report.median_error_rate()) is not None:
        yield f"<h2>What was heard</h2><p>Median word error rate of {len(report.heard)} recordings: {rate:.0%}</p>"
        rows = (
            (each.measured.recording.id, f"{each.word_error_rate:.0%}", each.measured.text.spoken, each.text)
            for each in report.heard[:_MOST_ROWS]
        )
        yield _table(("recording", "error rate", "text", "heard"), rows)


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{_shown(each)}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{_shown(each)}</td>" for each in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _shown(text: str) -> str:
    return escape(printable(text))
