"""What the machine has to give, whatever else it does meanwhile."""

import subprocess
import sys
import time


def speed_up_of_processes() -> float:
    """Return how much more two processes compute than one in the same time."""
    alone = _loops_seconds(1)
    return 2 * alone / _loops_seconds(2)


def _loops_seconds(processes: int) -> float:
    command = [sys.executable, "-c", "sum(number * number for number in range(15_000_000))"]
    began = time.perf_counter()
    for process in [subprocess.Popen(command) for _ in range(processes)]:
        process.wait()
    return time.perf_counter() - began
