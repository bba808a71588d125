"""What a command line gives to be worked on: a text, or a file that the kind of job takes."""

import sys
from argparse import ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.command import WrongUse
from client.jobs.calls import upload
from client.timbre import Timbre
from gateway.jobs.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Source:
    """What was read, and under which name."""

    name: str
    content: bytes

    @classmethod
    def read(cls, path: str) -> "Source":
        """Read a file, or for `-` standard input. Raises ArgumentTypeError."""
        try:
            return cls(Path(path).name, sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes())
        except OSError as error:
            raise ArgumentTypeError(f"{path} cannot be read: {error}") from error

    def input_of(self, kind: str, timbre: Timbre) -> dict[str, Any]:
        """Return it as a member of the input: the id of a file that is uploaded now, where the kind takes files.

        Raises WrongUse for what should be a text and is none, and what `upload` raises.
        """
        if kind in KINDS and KINDS[kind].recordings:
            return {member: upload(timbre, self.name, self.content).id for member in KINDS[kind].recordings}
        try:
            return {"text": self.content.decode("utf-8-sig")}
        except UnicodeError as error:
            raise WrongUse(f"{self.name} is no text in UTF-8; jobs on recordings name their --kind") from error
