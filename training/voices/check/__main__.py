"""Check recordings before a voice is trained on them: `python -m training.voices.check DATA`.

DATA is a folder or s3://bucket/prefix with metadata.csv (id|text|normalised) and wavs/, or with such a folder for each
emotion. Exit status: 0 a voice can be trained on it, 1 not, or it cannot be read; 2 wrong use.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from shared.command_line import UNABLE, show_any_name, status_of
from training.shared.workers import Workers, cores
from training.voices.check.listening import with_heard
from training.voices.check.page import write_page
from training.voices.check.report import Report, check, write_json
from training.voices.check.terminal import show
from training.voices.corpus import Corpus, read_corpus

_LISTENED = 20
_ALL = -1


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, write the reports, and return the exit status."""
    show_any_name()
    parser = _parser()
    told = parser.parse_args(arguments)
    try:
        return status_of(lambda: _checked(told), "Interrupted.")
    except OSError as error:
        parser.error(str(error))


def _checked(told: argparse.Namespace) -> int:
    with ExitStack() as stack:
        scratch = told.scratch or Path(stack.enter_context(TemporaryDirectory(prefix="timbre-voice-")))
        report = _report(read_corpus(told.data, scratch), told)
    show(report, Console(highlight=False, markup=False))
    if told.json:
        write_json(told.json, report)
    if told.html:
        write_page(told.html, report, told.data.rstrip("/").rpartition("/")[2])
    return UNABLE if report.is_refused else 0


def _report(corpus: Corpus, told: argparse.Namespace) -> Report:
    with Workers(told.processes) as workers:
        report = check(corpus, told.language, workers)
    if told.stt == 0:
        return report
    most = None if told.stt == _ALL else told.stt
    return with_heard(report, told.stt_model, told.language, most, told.processes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.voices.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", metavar="DATA", help="folder or s3://bucket/prefix")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and findings, and all measures")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots")
    parser.add_argument(
        "--stt",
        type=_count,
        nargs="?",
        const=_ALL,
        default=_LISTENED,
        metavar="N",
        help=f"listen to N recordings, 0 to none; without N to all, about as long as they last (default: {_LISTENED})",
    )
    told = "model of the store that listens (default: the service's own; PocketSphinx, which knows English)"
    parser.add_argument("--stt-model", default="", metavar="NAME", help=told)
    parser.add_argument("--language", default="en-us", metavar="CODE", help="of the texts (default: %(default)s)")
    parser.add_argument("--scratch", type=Path, metavar="FOLDER", help="keep copies of a bucket's recordings here")
    parser.add_argument("--processes", type=_processes, default=cores(), metavar="N", help="default: one a core")
    return parser


def _count(told: str) -> int:
    count = int(told)
    if count < 0:
        raise ValueError
    return count


def _processes(told: str) -> int:
    count = int(told)
    if count < 1:
        raise ValueError
    return count


if __name__ == "__main__":
    sys.exit(main())
