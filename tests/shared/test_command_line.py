"""How commands end, each as a process of its own."""

import os
import signal
import subprocess
import sys

import pytest

from tests.started import ROOT

PROGRAM = """
import signal, sys
from shared.command_line import end_orderly, show_any_name, status_of
from shared.problems import NotFound

def run():
    {deed}
    return 3

signal.signal(signal.SIGTERM, end_orderly)
show_any_name()
sys.exit(status_of(run, "Interrupted; call it again."))
"""


def ended(deed: str, stdout: int = subprocess.PIPE, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM.format(deed=deed)]
    environment = os.environ | {"PYTHONUNBUFFERED": ""} | environment
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment, timeout=100
    )


@pytest.mark.parametrize(
    ("deed", "status", "said"),
    [
        ("print('well', file=sys.stderr)", 3, "well\n"),
        ("raise NotFound('There is none.')", 1, "There is nothing here: There is none.\n"),
        ("signal.raise_signal(signal.SIGINT)", 130, "\nInterrupted; call it again.\n"),
        ("signal.raise_signal(signal.SIGTERM)", 128 + signal.SIGTERM, ""),
        ("sys.exit(2)", 2, ""),
    ],
    ids=["well", "problem", "Ctrl-C", "SIGTERM", "wrong use"],
)
def test_they_end_with_words_and_a_status(deed: str, status: int, said: str) -> None:
    done = ended(deed)
    assert (done.returncode, done.stderr) == (status, said)


@pytest.mark.parametrize("lines", [1, 100_000])
def test_whose_reader_has_gone_ends_quietly(lines: int) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = ended(f"print('line\\n' * {lines})", stdout=theirs)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, "")


def test_names_may_have_any_characters() -> None:
    done = ended(r"print('gr\u00fc\u00dfe \ud800')", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (3, "gr\\xfc\\xdfe \\ud800\n")
