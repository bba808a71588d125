"""Batches of voices, mixtures and sounds of nobody, as Keras takes them. The same seed gives the same batches."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import keras
import numpy as np
from numpy.typing import NDArray

from services.speaker.features import VoiceFeatures
from services.speaker.windows import STEP_FRAMES
from training.speaker.pieces import MADE, SEVERAL, VOICE
from training.speaker.prepared import Prepared, Rows
from training.speaker.targets import YEARS, ages, is_female

Numbers = NDArray[np.float32]
Named = dict[str, Numbers]
"""A value for each output of the network."""

Value = TypeVar("Value")

_STATISTICS_PIECES = 400


@dataclass(frozen=True)
class Mixture:
    """What a batch is made of, and how its frames are varied once more."""

    batch_rows: int = 64
    window_frames: int = 160
    made_share: float = 0.1
    several_share: float = 0.125
    loudness_deviations: float = 0.3
    """Of all bands of a row at once, as a share of each band's deviation."""
    masked_bins: int = 8
    pitch_bins: int = 2
    """By how many of the periods a row is shifted at most: who is excited speaks higher, with the same throat."""


class Material:
    """All that batches are made of."""

    def __init__(self, prepared: Prepared, rows: Rows, extra_kinds: dict[str, Rows]) -> None:
        """`rows` are the voices to learn from; `extra_kinds` the made pieces and the mixtures."""
        self.prepared = prepared
        self.extra_kinds = extra_kinds
        self._speakers = _by_gender_and_speaker(prepared, rows)
        everything = np.concatenate([rows, *extra_kinds.values()])
        some = np.random.default_rng(0).choice(everything, min(len(everything), _STATISTICS_PIECES), replace=False)
        frames = np.concatenate([prepared.piece(int(row))[0] for row in some])
        self.mean, self.variance = frames.mean(axis=0), frames.var(axis=0)

    def voices(self, count: int, rng: np.random.Generator) -> list[int]:
        """Return random pieces: each gender as likely as the other, and of one gender each speaker."""
        return [self._voice(rng) for _ in range(count)]

    def _voice(self, rng: np.random.Generator) -> int:
        speakers = self._speakers[int(rng.integers(len(self._speakers)))]
        rows = speakers[int(rng.integers(len(speakers)))]
        return int(rows[rng.integers(len(rows))])


class Epoch(keras.utils.PyDataset):
    """The batches of one epoch: frames [rows, window_frames, bins]; targets and weights for each output."""

    def __init__(self, material: Material, mixture: Mixture, steps: int, seed: tuple[int, int]) -> None:
        super().__init__(workers=1, max_queue_size=16)
        self._material, self._mixture, self._steps, self._seed = material, mixture, steps, seed

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, number: int) -> tuple[Numbers, Named, Named]:
        rng = np.random.default_rng([*self._seed, number])
        rows = self._chosen(rng)
        cuts = [self._cut(row, rng) for row in rows.tolist()]
        frames, speech = (np.stack(parts) for parts in zip(*cuts, strict=True))
        return self._varied(frames, rng), *targets_of(self._material.prepared, rows, speech[:, ::STEP_FRAMES])

    def _chosen(self, rng: np.random.Generator) -> Rows:
        own = self._mixture
        shares = {MADE: own.made_share, SEVERAL: own.several_share}
        extra = [
            rng.choice(self._material.extra_kinds[kind], int(own.batch_rows * share))
            for kind, share in shares.items()
            if len(self._material.extra_kinds[kind])
        ]
        voices = self._material.voices(own.batch_rows - sum(map(len, extra)), rng)
        return np.concatenate([*extra, np.array(voices, np.int64)])

    def _cut(self, row: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
        wanted = self._mixture.window_frames
        places = max(1, int(self._material.prepared.length[row]) - wanted + 1)
        return self._material.prepared.cut(row, int(rng.integers(places)), wanted)

    def _varied(self, frames: Numbers, rng: np.random.Generator) -> Numbers:
        """Make rows louder or softer and higher or lower, and replace a stripe of bins by their mean."""
        own, bands = self._mixture, VoiceFeatures().bands
        rows, _, bins = frames.shape
        gains = rng.normal(0, own.loudness_deviations, (rows, 1, 1)) * np.sqrt(self._material.variance[:bands])
        frames[:, :, :bands] += gains.astype(np.float32)
        frames[:, :, bands:] = _shifted(
            frames[:, :, bands:], rng.integers(-own.pitch_bins, own.pitch_bins + 1, (rows,))
        )
        starts, widths = rng.integers(0, bins, (rows, 1, 1)), rng.integers(0, own.masked_bins + 1, (rows, 1, 1))
        masked = (np.arange(bins) >= starts) & (np.arange(bins) < starts + widths)
        return np.where(masked, self._material.mean, frames)


def _shifted(periods: Numbers, by: Rows) -> Numbers:
    """Return rows [rows, frames, periods] shifted; what comes in at an end is what stood there."""
    places = np.clip(np.arange(periods.shape[2]) - by[:, None], 0, periods.shape[2] - 1)
    return np.take_along_axis(periods, places[:, None, :], axis=2)


def targets_of(prepared: Prepared, rows: Rows, speech: Numbers) -> tuple[Named, Named]:
    """Return what the network is to say of pieces, and the weights; `speech` is [n, steps]."""
    kinds = prepared.words["kind"][rows]
    is_voice, is_several = (kinds == kind for kind in (VOICE, SEVERAL))
    female, likely = is_female(prepared, rows), ages(prepared, rows)
    targets = {
        "gender": np.nan_to_num(female, nan=0.5)[:, None],
        "age": likely,
        "years": (likely @ YEARS)[:, None],
        "several": is_several.astype(np.float32)[:, None],
        "speech": speech,
    }
    weights = {
        "gender": is_voice & ~np.isnan(female),
        "age": is_voice & (likely.sum(axis=1) > 0),
        "years": is_voice & ~np.isnan(prepared.age_years[rows]),
        "several": is_voice | is_several,
        "speech": np.ones(len(rows)),
    }
    return targets, {name: each.astype(np.float32) for name, each in weights.items()}


def _by_gender_and_speaker(prepared: Prepared, rows: Rows) -> list[list[Rows]]:
    """Return for each gender its speakers, and for each of those the pieces."""
    genders: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows.tolist():
        genders[str(prepared.words["gender"][row])][str(prepared.words["speaker"][row])].append(row)
    return [[np.array(each) for each in _sorted(speakers)] for speakers in _sorted(genders)]


def _sorted(named: Mapping[str, Value]) -> list[Value]:
    return [named[name] for name in sorted(named)]
