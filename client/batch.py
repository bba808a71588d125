"""Batch speech-to-text from the command line: a program of its own, as it calls no Timbre but does the work itself."""

import os
import sys
from collections.abc import Sequence

from dotenv import dotenv_values

from client.access import ENV_FILE

NAME, HELP = "batch", "write down all recordings in a bucket or folder, on this machine"
_MODULE = "jobs.transcribe"
_PLACES = {
    "TIMBRE_MODELS": str(ENV_FILE.parent / "models"),
    "TIMBRE_MODELS_CACHE": str(ENV_FILE.parent / ".timbre" / "models"),
}
"""Models lie beside the command, whatever folder the user is in."""


def become(arguments: Sequence[str]) -> None:
    """Run the program in place of this one; it reads the settings in .env too, as everything that `make run` starts."""
    written = {name: value for name, value in dotenv_values(ENV_FILE).items() if value}
    command = [sys.executable, "-P", "-m", _MODULE, *arguments]
    os.execve(sys.executable, command, _PLACES | written | os.environ)  # noqa: S606 - no shell is wanted
