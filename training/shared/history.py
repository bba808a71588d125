"""How far a run of training is: its state, and a row for each epoch that is done."""

import csv
import sys
from pathlib import Path

import keras

HISTORY, STATE = "history.csv", "state.keras"

Row = dict[str, float]


def read_history(folder: Path) -> list[Row]:
    """Return a row for each epoch."""
    if not (folder / HISTORY).exists():
        return []
    with (folder / HISTORY).open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def note(folder: Path, row: Row) -> None:
    """Add the row of an epoch."""
    with (folder / HISTORY).open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if not file.tell():
            writer.writeheader()
        writer.writerow(row)


def save(network: keras.Model, path: Path) -> None:
    """Write the network, whole or not at all."""
    unfinished = path.with_name(f"unfinished.{path.name}")
    network.save(unfinished)
    unfinished.replace(path)


def epochs_done(folder: Path) -> int:
    """Return how many epochs of a run need not be done again."""
    return len(read_history(folder)) if (folder / STATE).exists() else 0


def say(row: Row, epochs: int, seconds: float) -> None:
    """Print the row of an epoch, of so many."""
    figures = "  ".join(f"{name} {value:.4f}" for name, value in row.items() if name != "epoch")
    sys.stdout.write(f"epoch {row['epoch']:.0f} of {epochs}  {figures}  {seconds:.0f} s\n")
    sys.stdout.flush()
