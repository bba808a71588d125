"""`make bench`: every figure as a ratio within this run. Name sections to run only those: `... hop memory`."""

import argparse
import importlib
import platform
import sys

from benchmarks.rounds import show

SECTIONS = {
    "hop": "The way",
    "speech": "Speech",
    "sentiment": "Sentiment",
    "keywords": "Spoken commands",
    "jobs": "Jobs",
    "books": "Books",
    "batch": "Batch speech-to-text",
    "prepare": "Preparing data",
    "memory": "Memory",
}


def main() -> int:
    """Print a table for each section; exit 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="section")
    chosen = parser.parse_args().sections or list(SECTIONS)
    sys.stdout.write(f"{platform.machine()}, {platform.platform()}, Python {platform.python_version()}\n")
    missed = 0
    for name in chosen:
        ratios = importlib.import_module(f"benchmarks.{name}").measure()
        show(SECTIONS[name], ratios)
        missed += sum(not ratio.reached for ratio in ratios)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
