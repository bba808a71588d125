"""Jobs from the command line: `python -m gateway.jobs submit|list|show|watch|fetch|cancel|forget`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

from pydantic import ValidationError

from gateway.jobs.schemas import Forgotten, Job, JobPage, State
from gateway.jobs.terminal import Access, Refused, Timbre, path_of, progress_of
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
    except (Refused, Problem) as error:
        return _failed(f"{error.title}: {error.detail}" if isinstance(error, Problem) else str(error))
    except ValidationError:
        return _failed("The answer is not understood; is this the address of a Timbre?")
    except ValueError:
        return _failed("The address, the key or an option has characters that cannot be sent.")
    except KeyboardInterrupt:
        _failed("\nInterrupted; a job that was taken goes on.")
        return 130


def _submit(timbre: Timbre, chosen: argparse.Namespace) -> int:
    order = {
        "kind": chosen.kind or "emotional-speech",
        "input": _given(chosen, "text", "text_type", "voice", "response_format", "speed"),
    }
    headers = {"Idempotency-Key": chosen.idempotency_key} if chosen.idempotency_key else {}
    chosen.job = Job.model_validate_json(timbre.ask("POST", "/v1/jobs", order, **headers)).id
    _say(chosen.job)
    return _watch(timbre, chosen) if chosen.wait or chosen.out else 0


def _watch(timbre: Timbre, chosen: argparse.Namespace) -> int:
    return _saved(timbre, progress_of(timbre.changes(chosen.job), sys.stderr), chosen.out)


def _fetch(timbre: Timbre, chosen: argparse.Namespace) -> int:
    return _saved(timbre, _found(timbre, chosen.job), chosen.out or Path())


def _saved(timbre: Timbre, job: Job, folder: Path | None) -> int:
    if job.error:
        return _failed("{title}: {detail}".format_map(job.error))
    if job.state != "succeeded":
        return _failed(f"{job.id} is {job.state}.")
    if folder:
        for result in job.results:
            _say(str(timbre.save(job.id, result, folder)))
    return 0


def _list(timbre: Timbre, chosen: argparse.Namespace) -> int:
    query = urlencode(_given(chosen, "state", "kind", "limit", "after"))
    page = JobPage.model_validate_json(timbre.ask("GET", f"/v1/jobs?{query}"))
    for job in page.jobs:
        _say(f"{job.id}  {job.created:%Y-%m-%d %H:%M:%S}  {job.state:9}  {job.kind}")
    if page.next:
        sys.stderr.write(f"There are more: --after {page.next}\n")
    return 0


def _show(timbre: Timbre, chosen: argparse.Namespace) -> int:
    return _say(_found(timbre, chosen.job).model_dump_json(indent=2))


def _cancel(timbre: Timbre, chosen: argparse.Namespace) -> int:
    job = Job.model_validate_json(timbre.ask("DELETE", path_of(chosen.job)))
    return _say(f"{job.id} is {job.state}.")


def _forget(timbre: Timbre, _: argparse.Namespace) -> int:
    count = Forgotten.model_validate_json(timbre.ask("DELETE", "/v1/jobs")).jobs
    return _say(f"{count} jobs are being deleted.")


def _found(timbre: Timbre, job_id: str) -> Job:
    return Job.model_validate_json(timbre.ask("GET", path_of(job_id)))


def _given(chosen: argparse.Namespace, *names: str) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in names if getattr(chosen, name) is not None}


def _text(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise argparse.ArgumentTypeError(f"{path} cannot be read as UTF-8: {error}") from error


def _say(line: str) -> int:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0


def _failed(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


_OPTIONS: dict[str, dict[str, Any]] = {
    "text": {"type": _text, "metavar": "FILE", "help": "a text in UTF-8; - reads standard input"},
    "job": {"metavar": "JOB", "help": "its id"},
    "--kind": {"help": "of job; emotional-speech is the first"},
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
_SUBMIT = "text --kind --text-type --voice --format --speed --idempotency-key --wait --out"
_COMMANDS = (
    ("submit", _submit, "have a text spoken; prints the id of the job", _SUBMIT),
    ("list", _list, "your jobs, newest first", "--state --kind --limit --after"),
    ("show", _show, "all that is known of a job, as JSON", "job"),
    ("watch", _watch, "show how far a job is until it has ended", "job --out"),
    ("fetch", _fetch, "save the results of a job, here or in a folder", "job --out"),
    ("cancel", _cancel, "stop a job", "job"),
    ("forget", _forget, "stop and delete all your jobs and all that they stored", "--yes"),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.jobs", description="Submit jobs, and fetch what they made."
    )
    commands = parser.add_subparsers(required=True)
    for name, run, text, options in _COMMANDS:
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        for option in options.split():
            command.add_argument(option, **_OPTIONS[option])
    return parser


if __name__ == "__main__":
    sys.exit(main())
