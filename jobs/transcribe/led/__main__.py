"""The batch as a process that another leads: `python -m jobs.transcribe.led`.

A line of standard input says what to do; when that ends, whoever led is gone, and this process ends too. Standard
output gets JSON: how many recordings ended how, or the problem that ended the work. It names no recording.
"""

import logging
import os
import signal
import sys
from collections import Counter
from threading import Thread

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from jobs.transcribe.run import Ended, ended_run
from jobs.transcribe.settings import BatchSettings
from jobs.transcribe.statuses import UNABLE
from jobs.transcribe.transcript import Options
from shared import logs
from shared.command_line import end_orderly
from shared.problems import Json, Problem
from shared.settings import faults_in

_log = logging.getLogger("timbre.batch")


class Instruction(BaseModel):
    """What to do."""

    url: str
    options: Options = Options()
    child: int | None = None
    """Which of many this is."""


def main() -> int:
    """Do what standard input says, and return the exit status."""
    signal.signal(signal.SIGTERM, end_orderly)
    logs.configure("INFO", "jobs.transcribe")
    instruction = Instruction.model_validate_json(sys.stdin.buffer.readline())
    Thread(target=_end_with_leader, daemon=True).start()
    try:
        settings = BatchSettings()
    except ValidationError as error:
        _log.error("%s", "; ".join(faults_in(error)))
        return UNABLE
    try:
        ended = ended_run(instruction.url, instruction.options, settings, instruction.child) or Ended([], [])
    except Problem as problem:
        _log.warning("the batch cannot go on: %s", problem.detail)
        return _told(UNABLE, {"problem": problem.body()})
    return _told(ended.status, {"states": _counts(ended)})


def _counts(ended: Ended) -> dict[str, Json]:
    refused = {"refused": len(ended.refused)} if ended.refused else {}
    mine = [outcome.state for outcome in ended.outcomes if outcome.state != "elsewhere"]  # that is one for each look
    return {**Counter(mine), **refused}


def _told(status: int, told: Json) -> int:
    sys.stdout.buffer.write(to_json(told))
    return status


def _end_with_leader() -> None:
    while os.read(sys.stdin.fileno(), 1):  # past Python's buffer, whose lock would keep this process from ending
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
