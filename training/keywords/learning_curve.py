"""How much more data helps: `python -m training.keywords.learning_curve PREPARED OUT [--epochs 40]`.

Trains the network from the labels alone on 10, 25, 50 and 100 % of the speakers, with more passes over less data, and
writes amounts.csv with the error on the test speakers, and what a power law through these says of the full set of
Speech Commands (of ten times as much of other words). A stopped call goes on where it was.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow

from training.keywords.data import FULL_SET_CLIPS, TEN_COMMANDS, find_classes, read_prepared
from training.keywords.network import NETWORKS
from training.keywords.package import judged_accuracies
from training.keywords.runs import Settings, learning_rows, open_run
from training.keywords.train import train

SHARES = (0.1, 0.25, 0.5, 1.0)


def learning_curve(prepared: Path, out: Path, whole: Settings) -> list[dict[str, float]]:
    """Train on each share of the speakers; `whole` is how it is done with all of them. Return a row of each."""
    rows = []
    for share in SHARES:
        # Less data, more passes, yet fewer steps: otherwise the smallest part is learned by heart.
        settings = replace(whole, epochs=round(whole.epochs / share**0.5), share=share)
        run = open_run(out / f"{share:g}", prepared, settings)
        train(run)
        # No error at all is no point of a power law.
        error = max(1 - judged_accuracies(run)[1], 0.5 / len(run.prepared.rows("test")))
        rows.append({"share": share, "clips": len(learning_rows(run)), "error": round(error, 4)})
        sys.stdout.write(f"{rows[-1]}\n")
    return rows


def promised_error(rows: list[dict[str, float]], clips: int) -> float:
    """Return the error that a power law through the rows gives for an amount of clips."""
    slope, start = np.polyfit(np.log([row["clips"] for row in rows]), np.log([row["error"] for row in rows]), 1)
    return float(np.exp(start) * clips**slope)


def _promise(rows: list[dict[str, float]], keywords: Sequence[str]) -> str:
    is_known = set(keywords) == set(TEN_COMMANDS)
    clips, whose = (FULL_SET_CLIPS, "of the full set") if is_known else (10 * int(rows[-1]["clips"]), "clips")
    error = promised_error(rows, clips)
    return f"A power law through these promises an error of {error:.3f} for the {clips:,} {whose}.\n"


def main() -> None:
    """Read the command line, train, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", choices=NETWORKS, default=Settings.model)
    parser.add_argument("--keywords", type=lambda text: tuple(text.split(",")), default=())
    parser.add_argument("--epochs", type=int, default=40, help="with all of the data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    values = vars(parser.parse_args())
    prepared, out, threads = (values.pop(name) for name in ("prepared", "out", "threads"))
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    rows = learning_curve(prepared, out, Settings(**values))
    with (out / "amounts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    said = _promise(rows, find_classes(read_prepared(prepared), values["keywords"]).keywords)
    (out / "promise.txt").write_text(said)
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
