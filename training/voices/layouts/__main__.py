"""Lay out a data set for training a voice: `python -m training.voices.layouts FOLDER OUT`.

FOLDER has a metadata.csv with the columns path and text, and may have emotion and speaker; emotions become folders.
With --alignments, whose TextGrids are named as the recordings are, long recordings are cut at pauses into clips of 2 to
12 seconds, of the words as they were aligned.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.command_line import status_of
from shared.printable import printable
from shared.problems import InvalidInput
from training.shared.sounds import Damaged, read_channels
from training.voices.layouts.clips import Clip, clips_of
from training.voices.layouts.cutting import span, stretches
from training.voices.layouts.textgrid import SpokenWord, words_of
from training.voices.layouts.written import Utterance, write_layout

_MOST_SECONDS = 120.0


def whole(clip: Clip) -> Utterance:
    """Return a recording as it is. Raises InvalidInput for one that cannot be read."""
    try:
        samples, sample_rate_hz = read_channels(clip.path, _MOST_SECONDS)
    except Damaged as error:
        raise InvalidInput(f"{printable(clip.path.name)} cannot be read: {error}") from error
    return Utterance(clip.path.stem, samples.mean(axis=1), sample_rate_hz, clip.text, clip.emotion)


def cut(clip: Clip, alignments: Path) -> Iterator[Utterance]:
    """Yield a recording in clips of 2 to 12 seconds; nothing where it was aligned to other words.

    Raises InvalidInput.
    """
    words = _words(clip, alignments / f"{clip.path.stem}.TextGrid")
    recording = whole(clip)
    hz = recording.sample_rate_hz
    for number, stretch in enumerate(stretches(words)):
        start, end = span(stretch, words, len(recording.samples) / hz)
        yield recording._replace(
            name=f"{recording.name}-{number}",
            samples=recording.samples[round(start * hz) : round(end * hz)],
            text=" ".join(word.text for word in stretch),
        )


def _words(clip: Clip, textgrid: Path) -> list[SpokenWord]:
    """Return the words of the text with their times: aligners leave out how a word is written that they do not know."""
    aligned = words_of(textgrid.read_text(encoding="utf-8"))
    told = clip.text.lower().split()
    if len(told) != len(aligned):
        return []
    return [word._replace(text=text) for word, text in zip(aligned, told, strict=True)]


def lay_out(told: argparse.Namespace) -> int:
    """Write the layout, say what it holds, and return the exit status. Raises InvalidInput, OSError."""
    clips = list(clips_of(told.folder, told.speaker))
    if not clips:
        raise InvalidInput("No recording with a known text is of that speaker.")
    count = write_layout(_utterances(clips, told.alignments), told.out)
    sys.stdout.write(f"{count} recordings of {len(clips)} clips\n")
    return 0


def _utterances(clips: list[Clip], alignments: Path | None) -> Iterator[Utterance]:
    for clip in clips:
        if alignments is None:
            yield whole(clip)
        else:
            yield from cut(clip, alignments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, write the layout, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with a metadata.csv")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write; it must not be there yet")
    parser.add_argument("--speaker", default="", metavar="NAME", help="only these recordings")
    parser.add_argument("--alignments", type=Path, metavar="FOLDER", help="TextGrids with a tier of words")
    told = parser.parse_args(arguments)
    try:
        return status_of(lambda: lay_out(told))
    except OSError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
