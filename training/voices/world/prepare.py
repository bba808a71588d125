"""Turn recordings into what the network learns from: `python -m training.voices.world.prepare DATA OUT`.

Symbols through the TTS service's own front end, frames of WORLD on all cores, and which frames belong to which symbol.
Called again, it goes on where it was stopped.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from shared.problems import Problem
from training.shared.sounds import Damaged, read_sound
from training.shared.workers import Workers, cores
from training.voices.corpus import Corpus, Recording, open_corpus
from training.voices.splits import split, write_split
from training.voices.symbols import END, START, symbols
from training.voices.texts import front_end_of, ids_of
from training.voices.world.align import Aligner, Sentence, unit_of
from training.voices.world.features import Frames, analysed, is_voiced
from training.voices.world.material import (
    DURATIONS,
    EVALUATION,
    FRAMES,
    INDEX,
    TRAINING,
    Material,
    Spoken,
    read_frames,
    read_material,
)

_MOST_SECONDS, _HIGHEST_RATE_HZ = 20.0, 24_000
_BATCH = 16
_ALIGNED_SIZE = 25
"""Coefficients that tell sounds apart; the others tell voices."""
_MOST_LEARNED = 600
"""Recordings that the alignment is learned from; more add nothing to it."""


def prepare(location: str, folder: Path, language: str, sample_rate_hz: int | None, processes: int) -> Material:
    """Do all that is not done yet. Raises what `open_corpus` raises, and InvalidInput of texts."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / INDEX).exists():
        corpus = open_corpus(location, folder / "corpus")
        rate_hz = sample_rate_hz or usual_rate_hz(corpus)
        _analyse(corpus, folder, rate_hz, processes)
        _write_index(corpus, folder, rate_hz, language)
    material = read_material(folder)
    if not (folder / DURATIONS).exists():
        _align(material)
    return material


def usual_rate_hz(corpus: Corpus) -> int:
    """Return the rate that most recordings have, at most 24,000."""
    rates = Counter(soundfile.info(recording.sound).samplerate for recording in corpus.recordings)
    return min(int(rates.most_common(1)[0][0]), _HIGHEST_RATE_HZ)


def _analyse(corpus: Corpus, folder: Path, sample_rate_hz: int, processes: int) -> None:
    (folder / FRAMES).mkdir(exist_ok=True)
    waiting = [each for each in corpus.recordings if not (folder / FRAMES / _file(each)).exists()]
    with Workers(processes) as workers:
        work = partial(_analyse_some, folder=folder / FRAMES, sample_rate_hz=sample_rate_hz)
        for _ in workers.map("listening", work, waiting, _BATCH):
            pass


def _analyse_some(recordings: Sequence[Recording], folder: Path, sample_rate_hz: int) -> None:
    for recording in recordings:
        try:
            frames = analysed(read_sound(recording.sound, sample_rate_hz, _MOST_SECONDS), sample_rate_hz)
        except Damaged as damage:
            raise ValueError(f"{recording.place}: {damage}") from damage
        unfinished = folder / f"unfinished.{_file(recording)}"
        np.savez(unfinished, **{name: part.astype(np.float16) for name, part in frames._asdict().items()})
        unfinished.replace(folder / _file(recording))


def _file(recording: Recording) -> str:
    """Return a name that is safe whatever the recording's is."""
    return f"{hashlib.sha256(recording.id.encode()).hexdigest()[:24]}.npz"


def _write_index(corpus: Corpus, folder: Path, sample_rate_hz: int, language: str) -> None:
    made = split(corpus.recordings)
    write_split(folder / "split.json", made)
    held_out = {recording.id for recording in made.evaluation}
    recordings = []
    sequences = ids_of([recording.text for recording in corpus.recordings], front_end_of(language))
    for recording, ids in zip(corpus.recordings, sequences, strict=True):
        if not _fits(ids, read_frames(folder / FRAMES / _file(recording))):
            sys.stderr.write(f"{recording.place}: left out, as its text and its length do not go together\n")
            continue
        side, style = EVALUATION if recording.id in held_out else TRAINING, corpus.emotions.index(recording.emotion)
        recordings.append(asdict(Spoken(recording.id, _file(recording), recording.text, ids, style, side)))
    table = {"language": language, "symbols": len(symbols())}
    facts = {"sample_rate_hz": sample_rate_hz, "styles": corpus.emotions, **table}
    unfinished = folder / f"unfinished.{INDEX}"
    unfinished.write_text(json.dumps({**facts, "recordings": recordings}), encoding="utf-8")
    unfinished.replace(folder / INDEX)


def _fits(ids: Sequence[int], frames: Frames) -> bool:
    """Whether each sound can have its two frames."""
    return 0 < 2 * len(ids) <= len(frames.f0_hz)


def _align(material: Material) -> None:
    """Find the durations of all symbols, from those recordings that are long enough for their texts."""
    sentences = {each.file: Sentence(np.array(each.ids), _heard(material.frames(each))) for each in material.recordings}
    table = {ids[0]: symbol for symbol, ids in symbols().items()}
    units = [unit_of(table[id], is_edge=table[id] in (START, END)) for id in range(len(table))]
    aligner = Aligner(units, next(iter(sentences.values())).heard.shape[1])
    chosen = np.random.default_rng(1).permutation(len(material.of(TRAINING)))[:_MOST_LEARNED]
    learned = [sentences[material.of(TRAINING)[index].file] for index in chosen]
    for round, likelihood in enumerate(aligner.learn(learned), 1):
        sys.stdout.write(f"alignment, round {round}: {likelihood:.3f}\n")
    durations = aligner.durations(list(sentences.values()))
    unfinished = material.folder / f"unfinished.{DURATIONS}"
    np.savez(unfinished, allow_pickle=False, **dict(zip(sentences, durations, strict=True)))
    unfinished.replace(material.folder / DURATIONS)


def _heard(frames: Frames) -> np.typing.NDArray[np.float32]:
    """Return what tells sounds apart: the envelope's shape, how it moves, and voicing."""
    shape = frames.spectrum[:, :_ALIGNED_SIZE]
    shape = (shape - shape.mean(0)) / np.maximum(shape.std(0), 1e-3)
    moved = np.gradient(shape, axis=0) if len(shape) > 1 else np.zeros_like(shape)
    return np.concatenate([shape, 2 * moved, 2 * is_voiced(frames.f0_hz)[:, None]], axis=1).astype(np.float32)


def main() -> int:
    """Read the command line and prepare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", help="folder or s3://bucket/prefix: metadata.csv and wavs/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", default="en-us", help="as espeak-ng calls it (default: en-us)")
    parser.add_argument("--rate-hz", type=int, help="of the voice (default: the recordings' own, at most 24,000)")
    parser.add_argument("--processes", type=int, default=cores())
    wanted = parser.parse_args()
    try:
        material = prepare(wanted.data, wanted.out, wanted.language, wanted.rate_hz, wanted.processes)
    except (Problem, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(material.recordings)} recordings in {', '.join(material.styles)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
