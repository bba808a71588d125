"""What has come of a file so far."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """The beginning of a file, and a note on which state of the server's file it is the beginning of."""

    path: Path
    note: Path

    @property
    def size_bytes(self) -> int:
        """How much there is that can be gone on with."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def state(self) -> str:
        """What the server calls the state (for If-Range); empty where it cannot be gone on with."""
        return self.note.read_text() if self.note.exists() else ""

    def begin(self, state: str) -> None:
        """Throw away what there is, and note the state that comes now."""
        # In this order: a process that dies in between leaves nothing that is taken for the beginning of another state.
        self.path.write_bytes(b"")
        self.note.write_text(state)

    def remove(self) -> None:
        """Throw away all."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)
