"""`make bench`: every figure as a ratio within this run. Name sections to run only those: `... hop memory`.

`stt` needs recordings: `python -m benchmarks stt --speech FOLDER`; without a folder it is left out.
"""

import argparse
import importlib
import os
import platform
import sys
from pathlib import Path

from benchmarks.rounds import Ratio, show

SECTIONS = {
    "hop": "The way",
    "speech": "Speech",
    "sentiment": "Sentiment",
    "keywords": "Spoken commands",
    "speaker": "Age and gender",
    "stt": "Speech to text",
    "jobs": "Jobs",
    "books": "Books",
    "batch": "Batch speech-to-text",
    "prepare": "Preparing data",
    "memory": "Memory",
}
NEEDS_SPEECH = frozenset({"stt"})


def main() -> int:
    """Print a table for each section; exit 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="section")
    parser.add_argument("--speech", type=Path, help="folder of read speech with a metadata.csv, for stt")
    parser.add_argument("--clips", type=int, default=60, help="how many of its clips are heard")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as shared.serve does, before numpy is imported
    if NEEDS_SPEECH & set(options.sections) and not options.speech:
        parser.error("stt needs --speech FOLDER")
    chosen = [name for name in options.sections or SECTIONS if options.speech or name not in NEEDS_SPEECH]
    sys.stdout.write(f"{platform.machine()}, {platform.platform()}, Python {platform.python_version()}\n")
    missed = 0
    for name in chosen:
        ratios = _measured(name, options)
        show(SECTIONS[name], ratios)
        missed += sum(not ratio.reached for ratio in ratios)
    return 1 if missed else 0


def _measured(name: str, options: argparse.Namespace) -> list[Ratio]:
    measure = importlib.import_module(f"benchmarks.{name}").measure
    ratios: list[Ratio] = measure(options.speech, options.clips) if name in NEEDS_SPEECH else measure()
    return ratios


if __name__ == "__main__":
    sys.exit(main())
