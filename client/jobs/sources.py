"""What a command line gives to be worked on: a text, a file, or a place, whichever the kind of job takes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client.command import WrongUse
from client.jobs.calls import upload
from client.timbre import Timbre
from gateway.jobs.kinds import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Source:
    """As it was named."""

    name: str

    def input_of(self, kind: str, timbre: Timbre) -> dict[str, Any]:
        """Return it as a member of the input: as the id of a file that is uploaded now where the kind takes files, by
        its name where it takes places, which are not of this machine, and else as a text.

        Raises WrongUse for what cannot be read, or should be a text and is none, and what `upload` raises.
        """
        if kind in KINDS and (places := self._places(KINDS[kind])):
            return dict.fromkeys(places, self.name)
        content = self._content()
        if kind in KINDS and KINDS[kind].recordings:
            name = Path(self.name).name
            return {member: upload(timbre, name, content).id for member in KINDS[kind].recordings}
        try:
            return {"text": content.decode("utf-8-sig")}
        except UnicodeError as error:
            raise WrongUse(f"{self.name} is no text in UTF-8; jobs on recordings name their --kind") from error

    def _places(self, kind: Kind) -> tuple[str, ...]:
        """Return the members that take the name as it is: of a kind that takes files too, only an address is none."""
        return kind.locations or (kind.media if "://" in self.name else ())

    def _content(self) -> bytes:
        try:
            return sys.stdin.buffer.read() if self.name == "-" else Path(self.name).read_bytes()
        except (OSError, ValueError) as error:
            raise WrongUse(f"{self.name} cannot be read: {error}") from error
