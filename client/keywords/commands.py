"""What the command line can do with spoken commands. Each returns its exit status, and raises what the calls raise."""

import sys
from argparse import Namespace

from client.keywords.reports import Table, holds_keyword
from client.recordings.reports import JsonLines, Report
from client.recordings.sending import Call
from client.recordings.telling import parts_of, tell
from client.timbre import Timbre


def hear(timbre: Timbre, chosen: Namespace) -> int:
    """Show what each file holds. Raises WrongUse."""
    report: Report = JsonLines(holds_keyword) if chosen.json else Table(chosen.files, sys.stdout)
    call = Call("/v1/audio/keywords", parts_of(chosen, "model", "threshold", "keywords"))
    return tell(timbre, call, chosen.files, report)
