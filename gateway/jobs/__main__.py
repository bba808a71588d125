"""Jobs from the command line: `python -m gateway.jobs submit|list|show|watch|fetch|cancel|forget`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from gateway.jobs import commands
from gateway.jobs.access import Access
from gateway.jobs.schemas import State
from gateway.jobs.sources import Source, WrongUse
from gateway.jobs.terminal import failed
from gateway.jobs.timbre import Refused
from gateway.schemas import AudioFormat, TextType
from shared.problems import Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 1 if the call or the job failed, 2 for a wrong use, 130 interrupted."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        timbre = Access().timbre  # type: ignore[call-arg]  # pydantic reads the environment
    except ValidationError as error:
        parser.error("; ".join(f"TIMBRE_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()))
    try:
        return int(chosen.run(timbre, chosen))
    except WrongUse as error:
        parser.error(str(error))
    except (Refused, Problem) as error:
        return failed(f"{error.title}: {error.detail}" if isinstance(error, Problem) else str(error))
    except ValidationError:
        return failed("The answer is not understood; is this the address of a Timbre?")
    except ValueError:
        return failed("The address, the key or an option has characters that cannot be sent.")
    except KeyboardInterrupt:
        failed("\nInterrupted; a job that was taken goes on.")
        return 130


_OPTIONS: dict[str, dict[str, Any]] = {
    "source": {
        "type": Source.read,
        "metavar": "FILE",
        "help": "a text in UTF-8, or for other kinds a recording; - reads standard input",
    },
    "job": {"metavar": "JOB", "help": "its id"},
    "--kind": {"help": "of job; emotional-speech unless it is named"},
    "--text-type": {"choices": get_args(TextType)},
    "--voice": {},
    "--format": {"choices": get_args(AudioFormat), "dest": "response_format"},
    "--speed": {"type": float},
    "--idempotency-key": {"help": "the same request with the same key makes one job, however often it is sent"},
    "--wait": {"action": "store_true", "help": "show how far the job is until it has ended"},
    "--out": {"type": Path, "metavar": "FOLDER", "help": "save the results there, once there are any"},
    "--state": {"choices": get_args(State)},
    "--limit": {"type": int},
    "--after": {"help": "what the page before gave"},
    "--yes": {"action": "store_true", "required": True, "help": "yes, all of them"},
}
_SUBMIT = "source --kind --text-type --voice --format --speed --idempotency-key --wait --out"
_COMMANDS = (
    ("submit", commands.submit, "have a text spoken, or a recording worked on; prints the id of the job", _SUBMIT),
    ("list", commands.list_jobs, "your jobs, newest first", "--state --kind --limit --after"),
    ("show", commands.show, "all that is known of a job, as JSON", "job"),
    ("watch", commands.watch, "show how far a job is until it has ended", "job --out"),
    ("fetch", commands.fetch, "save the results of a job, here or in a folder", "job --out"),
    ("cancel", commands.cancel, "stop a job", "job"),
    ("forget", commands.forget_jobs, "stop and delete all your jobs and all that they stored", "--yes"),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.jobs", description="Submit jobs, and fetch what they made."
    )
    subparsers = parser.add_subparsers(required=True)
    for name, run, text, options in _COMMANDS:
        command = subparsers.add_parser(name, help=text)
        command.set_defaults(run=run)
        for option in options.split():
            command.add_argument(option, **_OPTIONS[option])
    return parser


if __name__ == "__main__":
    sys.exit(main())
