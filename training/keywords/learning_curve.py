"""How much more data helps: `python -m training.keywords.learning_curve PREPARED OUT [--epochs 40]`.

Trains on 10, 25, 50 and 100 % of the speakers, with more passes over less data, and writes amounts.csv
with the error on the test speakers, and what a power law through these says of the full set of Speech Commands.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import tensorflow

from training.keywords.package import judged_accuracies
from training.keywords.runs import Settings, learning_rows, open_run
from training.keywords.train import train

SHARES = (0.1, 0.25, 0.5, 1.0)
FULL_SET_CLIPS = 84_843
"""Clips to learn from in Speech Commands v0.02; Warden 2018, arXiv:1804.03209."""


def learning_curve(prepared: Path, out: Path, epochs: int) -> list[dict[str, float]]:
    """Train on each share of the speakers; return a row of each."""
    rows = []
    for share in SHARES:
        # Less data, more passes, yet fewer steps: otherwise the smallest part is learned by heart.
        settings = Settings(epochs=round(epochs / share**0.5), share=share)
        run = open_run(out / f"{share:g}", prepared, settings)
        train(run)
        error = 1 - judged_accuracies(run)[1]
        rows.append({"share": share, "clips": len(learning_rows(run)), "error": round(error, 4)})
        sys.stdout.write(f"{rows[-1]}\n")
    return rows


def promised_error(rows: list[dict[str, float]], clips: int) -> float:
    """Return the error that a power law through the rows gives for an amount of clips."""
    slope, start = np.polyfit(np.log([row["clips"] for row in rows]), np.log([row["error"] for row in rows]), 1)
    return float(np.exp(start) * clips**slope)


def main() -> None:
    """Read the command line, train, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    tensorflow.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    rows = learning_curve(arguments.prepared, arguments.out, arguments.epochs)
    with (arguments.out / "amounts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    promise = promised_error(rows, FULL_SET_CLIPS)
    said = f"A power law through these promises an error of {promise:.3f} for the {FULL_SET_CLIPS:,} of the full set.\n"
    (arguments.out / "promise.txt").write_text(said)
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
