"""Turn recordings into what the network learns from: `python -m training.voices.world.prepare DATA OUT`.

Symbols through the TTS service's own front end, frames of WORLD on all cores, and which frames belong to which symbol.
Called again, it goes on where it was stopped.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.tts.speech import Samples
from training.voices.prepared import TRAINING, read_prepared
from training.voices.preparing import MOST_SECONDS, Preparation, Wish, prepare_recordings, run
from training.voices.symbols import END, START, symbols
from training.voices.texts import front_end_of
from training.voices.world.align import Aligner, Sentence, unit_of
from training.voices.world.features import HOP_SECONDS, Frames, analysed, is_voiced
from training.voices.world.material import DURATIONS, FRAMES, Material, read_frames

_LEAST_FRAMES = 2
"""Of a symbol: one for each of its states."""
_ALIGNED_SIZE = 25
"""Coefficients that tell sounds apart; the others tell voices."""
_MOST_LEARNED = 600
"""Recordings that the alignment is learned from; more add nothing to it."""


def prepare(wish: Wish) -> Material:
    """Do all that is not done yet. Raises what `prepare_recordings` raises."""
    prepare_recordings(_PREPARATION, wish)
    material = read_prepared(wish.out, Material)
    if not (wish.out / DURATIONS).exists():
        _align(material)
    return material


def _write(path: Path, samples: Samples, sample_rate_hz: int) -> None:
    frames = analysed(samples, sample_rate_hz)
    np.savez(path, **{name: part.astype(np.float16) for name, part in frames._asdict().items()})


def _fits(ids: Sequence[int], path: Path) -> bool:
    count = len(read_frames(path).f0_hz)
    return _LEAST_FRAMES * len(ids) <= count and count * HOP_SECONDS <= MOST_SECONDS


_PREPARATION = Preparation(FRAMES, ".npz", _write, _fits, front_end_of)


def _align(material: Material) -> None:
    """Find the durations of all symbols, from those recordings that are long enough for their texts."""
    sentences = {each.file: Sentence(np.array(each.ids), _heard(material.frames(each))) for each in material.recordings}
    table = {ids[0]: symbol for symbol, ids in symbols().items()}
    units = [unit_of(table[id], is_edge=table[id] in (START, END)) for id in range(len(table))]
    aligner = Aligner(units, next(iter(sentences.values())).heard.shape[1])
    training = material.of(TRAINING)
    chosen = np.random.default_rng(1).permutation(len(training))[:_MOST_LEARNED]
    learned = [sentences[training[index].file] for index in chosen]
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


if __name__ == "__main__":
    sys.exit(run(prepare, __doc__))
