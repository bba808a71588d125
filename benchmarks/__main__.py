"""`make bench`: every figure as a ratio within this run. Name sections to run only those: `... hop memory`.

Sections that need a folder are left out without one: `stt --speech FOLDER` (recordings), `voices --model FOLDER` (a
voice's model, as NAME/VERSION in a store).
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
    "aws": "AWS's protocols",
    "speech": "Speech",
    "voices": "Trained voices",
    "vits": "VITS, against torch",
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
NEEDED = {"stt": "speech", "voices": "model"}
"""The option that a section cannot do without."""


def main() -> int:
    """Print a table for each section; exit 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="section")
    parser.add_argument("--speech", type=Path, help="folder of read speech with a metadata.csv, for stt")
    parser.add_argument("--model", type=Path, help="folder of a voice's model, for voices")
    parser.add_argument("--clips", type=int, default=60, help="how many of its clips are heard")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as shared.serve does, before numpy is imported
    lacking = {name for name, option in NEEDED.items() if not getattr(options, option)}
    for name in lacking & set(options.sections):
        parser.error(f"{name} needs --{NEEDED[name]} FOLDER")
    chosen = [name for name in options.sections or SECTIONS if name not in lacking]
    sys.stdout.write(f"{platform.machine()}, {platform.platform()}, Python {platform.python_version()}\n")
    missed = 0
    for name in chosen:
        ratios = _measured(name, options)
        show(SECTIONS[name], ratios)
        missed += sum(not ratio.reached for ratio in ratios)
    return 1 if missed else 0


def _measured(name: str, options: argparse.Namespace) -> list[Ratio]:
    given = {"stt": (options.speech, options.clips), "voices": (options.model,)}
    ratios: list[Ratio] = importlib.import_module(f"benchmarks.{name}").measure(*given.get(name, ()))
    return ratios


if __name__ == "__main__":
    sys.exit(main())
