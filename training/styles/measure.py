"""Stage 1: measure the manner of every clip of a folder with metadata.csv (path, text, label, emotion, speaker)."""

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import soundfile

from services.tts.styles.measure import manner

_KEPT = ("label", "emotion", "speaker", "text")


def measured(folder: Path) -> Iterator[dict[str, str | float]]:
    """Yield one row a clip: who said what in which emotion, and its measures. Clips without a voice are left out."""
    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        samples, sample_rate_hz = soundfile.read(folder / row["path"], dtype="float32")
        try:
            measures = asdict(manner(samples, sample_rate_hz))
        except ValueError as error:
            sys.stderr.write(f"{row['path']}: {error}\n")
            continue
        yield {name: row[name] for name in _KEPT} | measures


def main() -> None:
    """Write the rows as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="acted speech with a metadata.csv, such as RAVDESS")
    parser.add_argument("clips", type=Path, help="CSV file to write")
    arguments = parser.parse_args()
    rows = list(measured(arguments.folder))
    with arguments.clips.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
