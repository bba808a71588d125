"""Turn recordings into what VITS learns from: `python -m training.voices.vits.prepare DATA OUT`.

Symbols through the TTS service's own front end; sounds at one rate and one loudness, with little silence around them.
Called again, it goes on where it was stopped.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import soundfile

from services.tts.speech import Samples, Speech
from services.tts.styles.loudness import levelled, limited
from shared.command_line import status_of
from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput
from training.shared.sounds import Damaged, read_sound
from training.shared.workers import Workers, cores
from training.voices.corpus import Corpus, Recording, open_corpus
from training.voices.splits import Split, split, write_split
from training.voices.texts import ids_of
from training.voices.vits.front_end import front_end_with_blank
from training.voices.vits.settings import HOP_SAMPLES
from training.voices.world.features import trimmed
from training.voices.world.material import EVALUATION, INDEX, TRAINING, Material, Spoken, read_material
from training.voices.world.prepare import usual_rate_hz

SOUNDS, SPLIT = "sounds", "split.json"
MOST_SECONDS = 20.0
"""Of a recording: a batch takes the memory of its longest."""
_BATCH = 16


def prepare(location: str, folder: Path, language: str, sample_rate_hz: int | None, processes: int) -> Material:
    """Do all that is not done yet. Raises what `open_corpus` raises, and InvalidInput of sounds and texts."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / INDEX).exists():
        corpus = open_corpus(location, folder / "corpus")
        rate_hz = sample_rate_hz or usual_rate_hz(corpus)
        _write_sounds(corpus, folder / SOUNDS, rate_hz, processes)
        _write_index(corpus, folder, rate_hz, language)
    return read_material(folder)


def _write_sounds(corpus: Corpus, folder: Path, sample_rate_hz: int, processes: int) -> None:
    folder.mkdir(exist_ok=True)
    waiting = [each for each in corpus.recordings if not (folder / _file(each)).exists()]
    with Workers(processes) as workers:
        work = partial(_write_some, folder=folder, sample_rate_hz=sample_rate_hz)
        for _ in workers.map("listening", work, waiting, _BATCH):
            pass


def _write_some(recordings: Sequence[Recording], folder: Path, sample_rate_hz: int) -> None:
    for recording in recordings:
        try:
            heard = read_sound(recording.sound, sample_rate_hz, MOST_SECONDS + 1)
        except Damaged as damage:
            raise InvalidInput(f"{recording.place}: {damage}") from damage
        unfinished = folder / f"unfinished.{_file(recording)}"
        soundfile.write(unfinished, _even(heard, sample_rate_hz), sample_rate_hz, "PCM_16")
        unfinished.replace(folder / _file(recording))


def _even(samples: Samples, sample_rate_hz: int) -> Samples:
    """Return sound as loud as the service gives neutral speech, without most of the silence around it."""
    return limited(levelled(Speech(trimmed(samples, sample_rate_hz), sample_rate_hz, ())).samples)


def _file(recording: Recording) -> str:
    """Return a name that is safe whatever the recording's is."""
    return f"{hashlib.sha256(recording.id.encode()).hexdigest()[:24]}.flac"


def _write_index(corpus: Corpus, folder: Path, sample_rate_hz: int, language: str) -> None:
    made = split(corpus.recordings)
    write_split(folder / SPLIT, made)
    recordings = [asdict(spoken) for spoken in _spoken(corpus, made, folder / SOUNDS, language)]
    if not any(each["side"] == TRAINING for each in recordings):
        raise InvalidInput("There is no recording to learn from.")
    front_end = front_end_with_blank(language)
    facts = {"sample_rate_hz": sample_rate_hz, "language": language, "symbols": len(front_end.symbols)}
    index = json.dumps({**facts, "styles": corpus.emotions, "recordings": recordings})
    FolderObjects(folder).put(INDEX, index.encode())


def _spoken(corpus: Corpus, made: Split, sounds: Path, language: str) -> Iterator[Spoken]:
    held_out = {recording.id for recording in made.evaluation}
    texts = [each.text for each in corpus.recordings]
    for recording, ids in zip(corpus.recordings, ids_of(texts, front_end_with_blank(language)), strict=True):
        if not _fits(ids, sounds / _file(recording)):
            sys.stderr.write(f"{recording.place}: left out, as its text and its length do not go together\n")
            continue
        side, style = EVALUATION if recording.id in held_out else TRAINING, corpus.emotions.index(recording.emotion)
        yield Spoken(recording.id, _file(recording), recording.text, ids, style, side)


def _fits(ids: Sequence[int], sound: Path) -> bool:
    """Whether each symbol can have a frame, and the whole is not too long."""
    heard = soundfile.info(sound)
    return bool(0 < len(ids) <= heard.frames // HOP_SAMPLES and heard.duration <= MOST_SECONDS)


def main() -> int:
    """Read the command line and prepare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder or s3://bucket/prefix: metadata.csv and wavs/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="en-us", help="as espeak-ng calls it (default: en-us)")
    parser.add_argument("--rate-hz", type=int, help="of the voice (default: the recordings' own, at most 24,000)")
    parser.add_argument("--processes", type=int, default=cores())
    wanted = parser.parse_args()

    def run() -> int:
        material = prepare(wanted.data, wanted.out, wanted.language, wanted.rate_hz, wanted.processes)
        sys.stdout.write(f"{len(material.recordings)} recordings in {', '.join(material.styles)}\n")
        return 0

    return status_of(run)


if __name__ == "__main__":
    sys.exit(main())
