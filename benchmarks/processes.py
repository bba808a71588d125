"""The processes of a service, and their memory."""

from pathlib import Path

_PROC = Path("/proc")


def family(told: str) -> set[int]:
    """Return the processes that have `told` ("NAME=value") in their environment, and all that descend from them."""
    parents = {process: _parent(process) for process in _all()}
    found = {process for process in parents if told.encode() in _read(process, "environ").split(b"\0")}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more  # a child may have been given an environment of its own
    return found


def family_kilobytes(told: str) -> int:
    """Return the memory of that family, what they share counted once."""
    return sum(_kilobytes(process) for process in family(told))


def _all() -> list[int]:
    return [int(path.name) for path in _PROC.glob("[0-9]*")]


def _parent(process: int) -> int:
    return _number(_read(process, "status"), b"PPid:")


def _kilobytes(process: int) -> int:
    return _number(_read(process, "smaps_rollup"), b"Pss:")


def _number(table: bytes, name: bytes) -> int:
    return next((int(line.split()[1]) for line in table.splitlines() if line.startswith(name)), 0)


def _read(process: int, file: str) -> bytes:
    """Return nothing where the process has gone, or is somebody else's."""
    try:
        return (_PROC / str(process) / file).read_bytes()
    except OSError:
        return b""
