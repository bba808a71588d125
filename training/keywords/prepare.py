"""Make of folders of recordings what training reads: `python -m training.keywords.prepare DATA... OUT`.

DATA holds a sub-folder a word, as Speech Commands does, or a metadata.csv with the columns path, text, label, speaker.
Where DATA has no `_background_noise_`, noise of our own stands for it.
OUT gets clips.npy (int16 [n, 16000]), noise.npy and speech.npy (int16 [m]) at 16 kHz, each with a .csv that tells what
is where, and summary.json with what was counted, mended and left out. It is there as a whole or not at all.
"""

import argparse
import csv
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from training.keywords.clips import CLIP_SAMPLES, Told, write_clips
from training.keywords.folders import NOISE, Recording, recordings_of
from training.keywords.made_noise import made_noise
from training.keywords.stretches import Row, Stretch, noise_rows, speech_rows, write_sounds, write_stretches
from training.keywords.summary import Json, lines, summary_of
from training.keywords.tutorial import write_json
from training.shared.arrays import RowsFile
from training.shared.workers import Workers, cores

_SUMMARY = "summary.json"


def prepare(data: Sequence[Path], speech: Sequence[Path], out: Path, workers: Workers) -> Json:
    """Write everything into `out`, and return the summary; an earlier preparation there is replaced when all is done.

    Raises OSError for folders that cannot be read or written, ValueError where no clip can be used or where `out`
    holds something else.
    """
    recordings = [recording for folder in data for recording in recordings_of(folder)]
    with _replacing(out) as folder:
        words = [each for each in recordings if each.word != NOISE]
        clips = _write_clips(words, folder, workers)
        noise = _write_noise([each for each in recordings if each.word == NOISE], folder, workers)
        read = _write_speech([each for place in speech for each in recordings_of(place)], folder, workers)
        summary = summary_of(words, clips, noise, read)
        if not summary["clips"]:
            raise ValueError(f"No recording in {', '.join(map(str, data))} can be used as a clip of a word.")
        (folder / _SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def _write_clips(recordings: Sequence[Recording], folder: Path, workers: Workers) -> list[Told]:
    told = write_clips(recordings, RowsFile(folder / "clips.npy", CLIP_SAMPLES), workers)
    clips = zip(recordings, told, strict=True)
    rows = ((each.file, each.word, each.speaker, each.split) for each, told in clips if told.is_kept)
    _write_csv(folder / "clips.csv", "file,word,speaker,split", rows)
    return told


def _write_noise(recordings: Sequence[Recording], folder: Path, workers: Workers) -> list[Stretch]:
    path = folder / "noise.npy"
    stretches = write_stretches("Noise", recordings, path, workers) if recordings else write_sounds(made_noise(), path)
    _write_csv(folder / "noise.csv", "file,start,samples,split", noise_rows(stretches))
    return stretches


def _write_speech(recordings: Sequence[Recording], folder: Path, workers: Workers) -> list[Stretch]:
    stretches = write_stretches("Speech", recordings, folder / "speech.npy", workers)
    _write_csv(folder / "speech.csv", "file,speaker,start,samples,split,text", speech_rows(stretches))
    return stretches


def _write_csv(path: Path, header: str, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Yield a folder beside `out` that takes its place if all goes well."""
    if out.exists() and any(out.iterdir()) and not (out / _SUMMARY).exists():
        raise ValueError(f"{out} holds something else than prepared data.")
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        shutil.rmtree(out, ignore_errors=True)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _processes(told: str) -> int:
    count = int(told)
    if count < 1:
        raise ValueError
    return count


def main() -> None:
    """Read the command line, prepare, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folder of clips")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write")
    parser.add_argument(
        "--speech", type=Path, action="append", default=[], metavar="FOLDER", help="read speech without commands"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write labels and MFCCs as the tutorials do, too")
    parser.add_argument("--processes", type=_processes, default=cores(), metavar="N", help="default: one a core")
    arguments = parser.parse_args()
    try:
        with Workers(arguments.processes) as workers:
            sys.stdout.write(lines(prepare(arguments.data, arguments.speech, arguments.out, workers)))
            if arguments.json:
                count = write_json(arguments.data, arguments.json, workers)
                sys.stdout.write(f"{count} clips of a whole second in {arguments.json}\n")
    except (OSError, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
