"""A command that does not outlive who leads it: `python -m jobs.leashed FOLDER COMMAND...`, started as a session.

When standard input ends, whoever led is gone, and the command with all that it started is ended. In one folder one
command is at work at a time: another waits until the last process of the one before has ended.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

LOG = "recipe.log"
_LOCK = "lock"
_GRACE_SECONDS = 10.0


def main(arguments: Sequence[str]) -> int:
    """Run the command, which writes what it says into the folder, and return its exit status."""
    folder, *command = arguments
    signal.signal(signal.SIGTERM, lambda *_: None)  # it is for the command; this process ends when that has
    Thread(target=_end_with_leader, daemon=True).start()
    with Path(folder, _LOCK).open("w") as lock, Path(folder, LOG).open("ab") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)  # held by all that inherit it
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, pass_fds=[lock.fileno()]
        )
        status = process.wait()
    return status if status >= 0 else 128 - status


def _end_with_leader() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
