"""Write down all recordings in a bucket: `python -m jobs.transcribe COMMAND URL`, or `./timbre batch COMMAND URL`."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import get_args

from pydantic import ValidationError

from jobs.transcribe.bucket import Bucket, open_bucket
from jobs.transcribe.plan import planned, write_plan
from jobs.transcribe.reports import say, show_places, show_plan, show_reasons, show_refused
from jobs.transcribe.retry import retry
from jobs.transcribe.run import run
from jobs.transcribe.settings import BatchSettings
from jobs.transcribe.status import places, reasons
from jobs.transcribe.statuses import DONE, SOME_LEFT
from jobs.transcribe.transcript import Options
from jobs.transcribe.waiting import waiting_in, with_reasons
from shared.command_line import end_orderly, show_any_name, status_of
from shared.problems import InvalidInput
from shared.settings import faults_in
from shared.transcription import Task

_CHILDREN = 20
_LAYOUT = """\
URL is s3://bucket[/prefix] or a folder. Recordings in input/ get a transcript in output/ and go to processed/; those
that cannot be written down go to failed/, with a reason.
Exit status: 0 all went well, 1 it could not run, 2 wrong use, 3 some recordings failed, were left,
or have names that are refused.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    signal.signal(signal.SIGTERM, end_orderly)
    show_any_name()
    parser = _parser()
    chosen = parser.parse_args(arguments)
    interrupted = "Interrupted. The same command goes on where this one stopped."
    return status_of(lambda: _do(parser, chosen), interrupted)


def _do(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    """Do what was chosen; settings and options that are wrong are a wrong use."""
    do: Callable[[argparse.Namespace], int] = chosen.do
    try:
        return do(chosen)
    except ValidationError as error:
        parser.error("; ".join(faults_in(error)))
    except InvalidInput as problem:
        parser.error(problem.detail)


def _run(chosen: argparse.Namespace) -> int:
    settings = BatchSettings()
    if chosen.processes:
        settings = settings.model_copy(update={"batch_processes": chosen.processes})
    return run(chosen.url, _options(chosen), settings)


def _options(chosen: argparse.Namespace) -> Options:
    try:
        return Options.model_validate({name: getattr(chosen, name) for name in Options.model_fields})
    except ValidationError as error:
        faults = (f"--{str(fault['loc'][0]).removesuffix('s')}: {fault['msg']}" for fault in error.errors())
        raise InvalidInput("; ".join(faults)) from error


def _plan(chosen: argparse.Namespace) -> int:
    bucket = _bucket(chosen)
    waiting = waiting_in(bucket) if chosen.dry_run else with_reasons(bucket)
    shares = planned(bucket, waiting.recordings, chosen.children)
    if not shares and not waiting.refused:
        say("Nothing waits in input/.")
    else:
        show_plan(shares, waiting.refused)
    if not chosen.dry_run:
        write_plan(bucket, shares)
    return SOME_LEFT if waiting.refused else DONE


def _status(chosen: argparse.Namespace) -> int:
    bucket = _bucket(chosen)
    waiting = waiting_in(bucket)
    failed = reasons(bucket)
    show_places(places(bucket, waiting))
    show_reasons(failed)
    show_refused(waiting.refused)
    return SOME_LEFT if failed or waiting.refused else DONE


def _retry(chosen: argparse.Namespace) -> int:
    moved, kept = retry(_bucket(chosen))
    say(f"{moved} of {moved + len(kept)} recordings in failed/ are back in input/.")
    show_reasons(kept)
    return SOME_LEFT if kept else DONE


def _bucket(chosen: argparse.Namespace) -> Bucket:
    return open_bucket(chosen.url)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="timbre batch",
        description="Write down all recordings in a bucket.",
        epilog=_LAYOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    do = _command(commands, "run", _run, "write down what waits, and take up what others left")
    do.add_argument("--processes", type=_count, metavar="N", help="default: one a core")
    do.add_argument("--task", choices=get_args(Task), default="transcribe", help="translate: into English")
    do.add_argument("--language", metavar="CODE", help="what is spoken, as ISO 639-1; default: found out")
    do.add_argument("--prompt", default="", metavar="TEXT", help="text whose spelling and style to follow")
    do.add_argument("--temperature", type=float, default=0.0, metavar="T", help="0 to 1")
    likelier = "a word that is likelier than usual"
    do.add_argument("--keyword", dest="keywords", action="append", default=[], metavar="WORD", help=likelier)
    plan = _command(commands, "plan", _plan, "share out what waits, and write the lists in child_job_input/")
    plan.add_argument("--children", type=_count, default=_CHILDREN, metavar="N", help=f"default: {_CHILDREN}")
    plan.add_argument("--dry-run", action="store_true", help="show it only")
    _command(commands, "status", _status, "count what is where, and tell why recordings failed")
    _command(commands, "retry", _retry, "move what failed back to input/")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    do: Callable[[argparse.Namespace], int],
    told: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=told, description=told)
    parser.add_argument("url", metavar="URL", help="s3://bucket[/prefix] or a folder")
    parser.set_defaults(do=do)
    return parser


def _count(told: str) -> int:
    count = int(told)
    if not 1 <= count <= 10_000:
        raise ValueError
    return count


if __name__ == "__main__":
    sys.exit(main())
