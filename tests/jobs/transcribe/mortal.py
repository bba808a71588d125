"""The command, whose processes die where TEST_FAULT says: DEED:OPERATION:WHEN[:KEY], each recording's once.

DEED is `kill` (the process), `orphan` (the one that forks such processes), `raze` (all processes of the command),
`stop` (until SIGCONT) or `hang`. OPERATION is a call of the object store, or `transcribe`; KEY is a regular expression
for what it is called with. Markers are left in the folder TEST_MARKS, and each transcription is noted there, in the
file `transcribed`.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

from jobs.transcribe.__main__ import main
from jobs.transcribe.scribe import Scribe
from shared.objects.folder import FolderObjects
from shared.objects.s3 import S3Objects

_DEED, _OPERATION, _WHEN, _KEY = (os.environ.get("TEST_FAULT", "") + ":::").split(":")[:4]
_MARKS = Path(os.environ.get("TEST_MARKS", "/nonexistent"))
_STORING = RLock()
"""Held while a thread writes or reads: who is stopped while it renews a claim keeps the folder's lock from all."""


def _fault(operation: str, when: str, key: str) -> None:
    if (operation, when) != (_OPERATION, _WHEN) or not re.search(_KEY, key) or not _is_first(key):
        return
    if _DEED == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if _DEED == "orphan":
        os.kill(os.getppid(), signal.SIGKILL)
    if _DEED == "raze":
        os.killpg(0, signal.SIGKILL)
    if _DEED == "stop":
        with _STORING:
            os.killpg(0, signal.SIGSTOP)
    while _DEED == "hang":
        time.sleep(1)


def _is_first(key: str) -> bool:
    if not _MARKS.exists():
        return True
    try:
        (_MARKS / key.replace("/", "|")).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _faulty(operation: str, call: Callable[..., Any], key_of: Callable[..., str]) -> Callable[..., Any]:
    def faulty(self: object, *arguments: Any, **options: Any) -> Any:
        _fault(operation, "before", key_of(*arguments))
        result = call(self, *arguments, **options)
        _fault(operation, "after", key_of(*arguments))
        return result

    return faulty


def _alone(call: Callable[..., Any]) -> Callable[..., Any]:
    def alone(*arguments: Any, **options: Any) -> Any:
        with _STORING:
            return call(*arguments, **options)

    return alone


def _noted(call: Callable[..., Any]) -> Callable[..., Any]:
    def noted(self: object, version: Any, *arguments: Any) -> Any:
        if _MARKS.exists():
            with (_MARKS / "transcribed").open("a") as notes:
                notes.write(f"{version.key}\n")
        return call(self, version, *arguments)

    return noted


if __name__ == "__mp_main__":
    for kind in (FolderObjects, S3Objects):
        for name in ("put", "head", "open", "get", "delete", "move"):
            setattr(kind, name, _faulty(name, _alone(getattr(kind, name)), lambda key, *_, **__: key))
    Scribe.transcript = _faulty("transcribe", _noted(Scribe.transcript), lambda version, *_: version.key)  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(main())
