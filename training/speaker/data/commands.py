"""What can be done with the catalogue. Each returns its exit status, and raises problems."""

import sys
from argparse import Namespace

from shared.problems import InvalidInput
from shared.progress import Progress
from training.speaker.data import reports
from training.speaker.data.catalogue import Wanted
from training.speaker.data.counts import counted
from training.speaker.data.importing import import_table, write_record
from training.speaker.data.opened import open_catalogue, record_of
from training.speaker.data.settings import DatasetSettings
from training.speaker.data.source import sources
from training.speaker.data.splits import Shares

_UNABLE = 1
_NO_MATPLOTLIB = "Plots need matplotlib: .venv/bin/pip install --group dataset -c constraints.txt\n"


def bring(chosen: Namespace) -> int:
    """Import tables, and write down who is in which split."""
    facts = (chosen.table, chosen.licence, chosen.language)
    tables = sources(chosen.name, chosen.source, *facts, measures=not chosen.unmeasured)
    shares = _shares(chosen.shares, chosen.seed)
    progress = Progress(sys.stderr)
    with open_catalogue(chosen.catalogue, create=True) as catalogue:
        for source in tables:
            imported = import_table(catalogue, source, shares, progress.show, has_moved=chosen.moved)
            progress.end()
            reports.show_imported(imported)
        record = record_of(chosen.catalogue, DatasetSettings().records)
        write_record(catalogue, record)
    reports.say(f"Who is in which split is written down in {record}.")
    return 0


def query(chosen: Namespace) -> int:
    """Print clips as they are found."""
    show = reports.show_json if chosen.json else reports.show_csv if chosen.csv else reports.show_clips
    with open_catalogue(chosen.catalogue) as catalogue:
        show(catalogue.clips(_wanted(chosen)))
    return 0


def stats(chosen: Namespace) -> int:
    """Print counts, and draw them."""
    with open_catalogue(chosen.catalogue) as catalogue:
        counts = counted(catalogue.clips(_wanted(chosen)))
    (reports.show_counts_json if chosen.json else reports.show_counts)(counts)
    if not chosen.plots:
        return 0
    try:
        from training.speaker.data.pictures import draw  # only those who want plots need matplotlib
    except ModuleNotFoundError:
        sys.stderr.write(_NO_MATPLOTLIB)
        return _UNABLE
    for path in draw(chosen.plots, counts):
        reports.say(str(path))
    return 0


def _shares(told: str, seed: int) -> Shares:
    try:
        train, validation, test = (float(share) / 100 for share in told.split(","))
    except ValueError as error:
        raise InvalidInput("--shares are three numbers, as in 80,10,10.") from error
    return Shares(train, validation, test, seed)


def _wanted(chosen: Namespace) -> Wanted:
    return Wanted(chosen.gender, chosen.age, chosen.accent, chosen.language.lower(), chosen.data_set, chosen.split)
