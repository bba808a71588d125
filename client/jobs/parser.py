"""The commands for jobs, and their options."""

from pathlib import Path
from typing import get_args

from client.command import Command, Options
from client.jobs import commands
from client.jobs.sources import Source
from gateway.jobs.schemas import State
from gateway.schemas import AudioFormat, TextType
from shared.transcription import Task

OPTIONS: Options = {
    "source": {
        "type": Source,
        "metavar": "FILE",
        "help": "a text in UTF-8, or for other kinds a recording, or the URL of a bucket; - reads standard input",
    },
    "job": {"metavar": "JOB", "help": "its id"},
    "--kind": {"help": "of job; emotional-speech unless it is named"},
    "--text-type": {"choices": get_args(TextType)},
    "--voice": {},
    "--format": {"choices": get_args(AudioFormat), "dest": "response_format"},
    "--speed": {"type": float},
    "--children": {"type": int, "metavar": "N", "help": "machines at most that write down a bucket"},
    "--task": {"choices": get_args(Task)},
    "--language": {"metavar": "CODE", "help": "what is spoken in it, such as en; a model of several finds out"},
    "--prompt": {"metavar": "TEXT", "help": "text whose spelling and style to follow"},
    "--temperature": {"type": float, "metavar": "T"},
    "--keyword": {"action": "append", "dest": "keywords", "metavar": "WORD", "help": "likelier than usual"},
    "--output": {"metavar": "URL", "help": "with what the name of the result begins, in a bucket"},
    "--document": {"choices": ("line", "file"), "help": "what is one text; line unless it is named"},
    "--idempotency-key": {"help": "the same request with the same key makes one job, however often it is sent"},
    "--wait": {"action": "store_true", "help": "show how far the job is until it has ended"},
    "--out": {"type": Path, "metavar": "FOLDER", "help": "save the results there, once there are any"},
    "--state": {"choices": get_args(State)},
    "--limit": {"type": int},
    "--after": {"help": "what the page before gave"},
    "--yes": {"action": "store_true", "required": True, "help": "yes, all of them"},
}
_SPEECH = "--text-type --voice --format --speed"
_BATCH = "--children --task --language --prompt --temperature --keyword"
_SENTIMENT = "--output --document"
_SUBMIT = f"source --kind {_SPEECH} {_BATCH} {_SENTIMENT} --idempotency-key --wait --out"
_TAKEN = "Interrupted; a job that was taken goes on."
COMMANDS = (
    Command(
        "submit",
        commands.submit,
        "have a text spoken, or a recording or a bucket worked on; prints the id of the job",
        _SUBMIT,
        interrupted=_TAKEN,
    ),
    Command("list", commands.list_jobs, "your jobs, newest first", "--state --kind --limit --after"),
    Command("show", commands.show, "all that is known of a job, as JSON", "job"),
    Command("watch", commands.watch, "show how far a job is until it has ended", "job --out", interrupted=_TAKEN),
    Command("fetch", commands.fetch, "save the results of a job, here or in a folder", "job --out"),
    Command("cancel", commands.cancel, "stop a job", "job"),
    Command("forget", commands.forget_jobs, "stop and delete all your jobs and all that they stored", "--yes"),
)
