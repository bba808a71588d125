"""The disk as durable work meets it: how often a second it syncs, as it is and slowed to the pace of a real one.

Virtual disks sync 200 or 10,000 times a second, as their hosts like. `python -m benchmarks.disk FILE` prints the rate.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

_SYNCS = 100
_SLOW_SYNC = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slowly(const char *name, int descriptor) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    usleep(4000);
    return sync(descriptor);
}
int fdatasync(int descriptor) { return slowly("fdatasync", descriptor); }
int fsync(int descriptor) { return slowly("fsync", descriptor); }
"""
"""4 ms are what a disk without a cache of its own takes (222 a second were measured on one)."""


def slowed(folder: Path) -> dict[str, str]:
    """Return the environment of programs for which each sync takes 4 ms more; needs a C compiler."""
    library = folder / "slow_sync.so"
    command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"]
    subprocess.run(command, input=_SLOW_SYNC.encode(), check=True)
    return {"LD_PRELOAD": str(library)}


def syncs_per_second(folder: Path, environment: dict[str, str]) -> float:
    """Return how often a second a program in this environment puts 4 kB on the disk, one after the other."""
    command = [sys.executable, "-m", "benchmarks.disk", str(folder / "syncs")]
    done = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
    return float(done.stdout)


def _syncs_per_second(path: str) -> float:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    began = time.perf_counter()
    for number in range(_SYNCS):
        os.pwrite(descriptor, b"x" * 4096, number * 4096)
        os.fdatasync(descriptor)
    seconds = time.perf_counter() - began
    os.close(descriptor)
    return _SYNCS / seconds


if __name__ == "__main__":
    sys.stdout.write(f"{_syncs_per_second(sys.argv[1])}\n")
