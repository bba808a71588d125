"""From recordings to what a network learns from: on all cores, and where a call was stopped the next one goes on."""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import soundfile

from services.tts.front_end import FrontEnd
from services.tts.speech import Samples
from shared.command_line import status_of
from shared.problems import InvalidInput
from training.shared.sounds import Damaged, read_sound
from training.shared.workers import Workers, cores
from training.voices.corpus import Corpus, Recording, open_corpus
from training.voices.prepared import EVALUATION, INDEX, TRAINING, Prepared, Spoken, write_index
from training.voices.splits import split, write_split
from training.voices.texts import ids_of

SPLIT = "split.json"
MOST_SECONDS = 20.0
"""Of a recording: a batch takes the memory of its longest."""
_HIGHEST_RATE_HZ = 24_000
_BATCH = 16


@dataclass(frozen=True)
class Preparation:
    """What a network learns from a recording; functions of modules, as other processes call them."""

    folder: str
    """Below the prepared one: where `write` writes."""
    suffix: str
    write: Callable[[Path, Samples, int], None]
    """Writes a sound, (n,) at a rate, as the network learns it."""
    fits: Callable[[Sequence[int], Path], bool]
    """Whether so many symbols can be said in what was written, and it is not longer than MOST_SECONDS."""
    front_end: Callable[[str], FrontEnd]

    def file(self, recording: Recording) -> str:
        """Return a name that is safe whatever the recording's is."""
        return f"{hashlib.sha256(recording.id.encode()).hexdigest()[:24]}{self.suffix}"


class Wish(NamedTuple):
    """What is to be prepared, and where to."""

    data: str
    out: Path
    language: str
    rate_hz: int | None
    processes: int


def prepare_recordings(kind: Preparation, wish: Wish) -> None:
    """Do all that is not done yet. Raises what `open_corpus` raises, and InvalidInput of sounds and texts."""
    wish.out.mkdir(parents=True, exist_ok=True)
    if (wish.out / INDEX).exists():
        return
    corpus = open_corpus(wish.data, wish.out / "corpus")
    rate_hz = wish.rate_hz or _usual_rate_hz(corpus)
    _write_all(kind, corpus, wish.out / kind.folder, rate_hz, wish.processes)
    _write_index(kind, corpus, wish, rate_hz)


def _usual_rate_hz(corpus: Corpus) -> int:
    """Return the rate that most recordings have, at most 24,000."""
    rates = Counter(soundfile.info(recording.sound).samplerate for recording in corpus.recordings)
    return min(int(rates.most_common(1)[0][0]), _HIGHEST_RATE_HZ)


def _write_all(kind: Preparation, corpus: Corpus, folder: Path, sample_rate_hz: int, processes: int) -> None:
    folder.mkdir(exist_ok=True)
    waiting = [each for each in corpus.recordings if not (folder / kind.file(each)).exists()]
    with Workers(processes) as workers:
        for _ in workers.map("listening", partial(_write_some, kind, folder, sample_rate_hz), waiting, _BATCH):
            pass


def _write_some(kind: Preparation, folder: Path, sample_rate_hz: int, recordings: Sequence[Recording]) -> None:
    for recording in recordings:
        try:
            samples = read_sound(recording.sound, sample_rate_hz, MOST_SECONDS + 1)
        except Damaged as damage:
            raise InvalidInput(f"{recording.place}: {damage}") from damage
        unfinished = folder / f"unfinished.{kind.file(recording)}"
        kind.write(unfinished, samples, sample_rate_hz)
        unfinished.replace(folder / kind.file(recording))


def _write_index(kind: Preparation, corpus: Corpus, wish: Wish, sample_rate_hz: int) -> None:
    front_end = kind.front_end(wish.language)
    recordings = list(_spoken(kind, corpus, wish.out, front_end))
    if not any(each.side == TRAINING for each in recordings):
        raise InvalidInput("There is no recording to learn from.")
    table = {"language": wish.language, "symbols": len(front_end.symbols)}
    write_index(wish.out, {"sample_rate_hz": sample_rate_hz, "styles": corpus.emotions, **table}, recordings)


def _spoken(kind: Preparation, corpus: Corpus, folder: Path, front_end: FrontEnd) -> Iterator[Spoken]:
    made = split(corpus.recordings)
    write_split(folder / SPLIT, made)
    held_out = {recording.id for recording in made.evaluation}
    texts = [recording.text for recording in corpus.recordings]
    for recording, ids in zip(corpus.recordings, ids_of(texts, front_end), strict=True):
        if not ids or not kind.fits(ids, folder / kind.folder / kind.file(recording)):
            sys.stderr.write(f"{recording.place}: left out, as its text and its length do not go together\n")
            continue
        side, style = EVALUATION if recording.id in held_out else TRAINING, corpus.emotions.index(recording.emotion)
        yield Spoken(recording.id, kind.file(recording), recording.text, ids, style, side)


def run(prepare: Callable[[Wish], Prepared], about: str | None) -> int:
    """Read the command line, prepare, and return the exit status."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder or s3://bucket/prefix: metadata.csv and wavs/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="en-us", help="as espeak-ng calls it (default: en-us)")
    parser.add_argument("--rate-hz", type=int, help="of the voice (default: the recordings' own, at most 24,000)")
    parser.add_argument("--processes", type=int, default=cores())
    wish = Wish(**vars(parser.parse_args()))

    def prepared() -> int:
        found = prepare(wish)
        sys.stdout.write(f"{len(found.recordings)} recordings in {', '.join(found.styles)}\n")
        return 0

    return status_of(prepared)
