"""What people and programs get to read: results on standard output, what went wrong and how far it is on the other."""

import os
import sys
from typing import TextIO

CLEAR = "\r\x1b[K"
"""Takes back the line that the cursor is in."""
_STYLES = {"bold": "1", "dim": "2", "green": "32"}


def say(line: str) -> int:
    """Write a line for programs to read; return the exit status of what went well."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0


def failed(why: str, status: int = 1) -> int:
    """Write a line for people to read; return the exit status of what went wrong."""
    sys.stderr.write(f"{why}\n")
    return status


def styled(text: str, style: str, stream: TextIO) -> str:
    """Return the text as a terminal shows it bold, dim or green; as it is for anything else, and where NO_COLOR is."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"
