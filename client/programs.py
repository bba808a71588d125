"""Commands that are programs of their own, as they call no Timbre but do the work themselves, on this machine."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from dotenv import dotenv_values

from shared.settings import ENV_FILE, beside_commands

_PLACES = {
    "TIMBRE_MODELS": beside_commands("models"),
    "TIMBRE_MODELS_CACHE": beside_commands(".timbre/models"),
}
"""Models lie beside the command, whatever folder the user is in."""


@dataclass(frozen=True, slots=True)
class Program:
    """One of them."""

    name: str
    module: str
    help: str

    def become(self, arguments: Sequence[str]) -> None:
        """Run the program in place of this one; it reads the settings in .env too, as all that `make run` starts."""
        written = {name: value for name, value in dotenv_values(ENV_FILE).items() if value}
        command = [sys.executable, "-P", "-m", self.module, *arguments]
        os.execve(sys.executable, command, _PLACES | written | os.environ)  # noqa: S606 - no shell is wanted


PROGRAMS = {
    program.name: program
    for program in (
        Program("batch", "jobs.transcribe", "write down all recordings in a bucket or folder"),
        Program("voice", "training.voices", "voices of your own: check, train, list, import, import-coqui, remove"),
        Program("dataset", "training.speaker.data", "recordings of voices to learn from: import, query, count"),
    )
}
