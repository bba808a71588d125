"""Recordings of one word as rows of one second, read and written by several processes at once."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from services.keywords.takes import is_silent
from training.keywords.folders import SILENCE, Recording
from training.shared.arrays import RowsFile
from training.shared.sounds import Damaged, Numbers, Outcome, fit, numbers, read_sound
from training.shared.workers import Workers

SAMPLE_RATE_HZ = 16_000
CLIP_SAMPLES = 16_000
_MOST_SECONDS = 60.0
"""What a longer recording holds after that is not looked at."""
_BATCH_CLIPS = 64


class Told(NamedTuple):
    """What became of one recording."""

    outcome: Outcome
    problem: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it has a row."""
        return self.outcome not in (Outcome.SILENT, Outcome.DAMAGED)


def write_clips(recordings: Sequence[Recording], rows: RowsFile, workers: Workers) -> list[Told]:
    """Write a row for each recording that can be kept, in their order, and tell what became of each."""
    rows.create(len(recordings))
    batches = [(first, recordings[first : first + _BATCH_CLIPS]) for first in range(0, len(recordings), _BATCH_CLIPS)]
    shared: dict[Told, Told] = {}  # each batch brings its own from its process
    told = [
        shared.setdefault(each, each)
        for batch in workers.map("Clips", partial(_write_batch, rows), batches, 1)
        for each in batch
    ]
    rows.keep([each.is_kept for each in told])
    return told


def _write_batch(rows: RowsFile, batches: Sequence[tuple[int, Sequence[Recording]]]) -> list[Told]:
    ((first, batch),) = batches
    made = [_clip(recording) for recording in batch]
    rows.write(first, np.stack([clip for clip, _ in made]))
    return [told for _, told in made]


def _clip(recording: Recording) -> tuple[Numbers, Told]:
    nothing = np.zeros(CLIP_SAMPLES, np.int16)
    try:
        samples = read_sound(recording.path, SAMPLE_RATE_HZ, _MOST_SECONDS)
    except Damaged as damaged:
        return nothing, Told(Outcome.DAMAGED, str(damaged))
    if recording.word != SILENCE and is_silent(samples):
        return nothing, Told(Outcome.SILENT)
    clip, outcome = fit(samples, CLIP_SAMPLES, SAMPLE_RATE_HZ)
    return numbers(clip), Told(outcome)
