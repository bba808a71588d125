"""What a prepared data set holds, as batches of tensors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.voices.batching import alike
from training.voices.prepared import TRAINING, Prepared, Spoken
from training.voices.world.features import Frames, is_voiced, log_f0

FRAMES, DURATIONS = "frames", "durations.npz"


class Batch(NamedTuple):
    """Several recordings; what is behind the end of one has no weight."""

    ids: Tensor
    style: Tensor
    durations: Tensor
    targets: Tensor
    """(batch, frames, outputs), normalised."""
    symbol_mask: Tensor
    """(batch, 1, symbols)"""
    frame_mask: Tensor
    """(batch, 1, frames)"""

    def to(self, device: torch.device | str) -> "Batch":
        """Return the batch where a network is."""
        return Batch(*(part.to(device) for part in self))


class Normal(NamedTuple):
    """Mean and deviation of each output of the network, (outputs,); voicing stays 0 or 1."""

    mean: Tensor
    deviation: Tensor


@dataclass(frozen=True)
class Material(Prepared):
    """A prepared folder, with what was heard."""

    @cached_property
    def durations(self) -> dict[str, NDArray[np.int64]]:
        """Frames of each symbol of each recording, by its file."""
        with np.load(self.folder / DURATIONS) as found:
            return {name: found[name] for name in found.files}

    @cached_property
    def _outputs(self) -> dict[str, NDArray[np.float16]]:
        return {recording.file: outputs_of(self.frames(recording)) for recording in self.recordings}

    def frames(self, recording: Spoken) -> Frames:
        """Read what was heard in a recording."""
        return read_frames(self.folder / FRAMES / recording.file)

    @property
    def bands(self) -> int:
        """Of coded aperiodicity."""
        return int(self.frames(self.recordings[0]).aperiodicity.shape[1])

    def normal(self) -> Normal:
        """Return what the recordings that are trained on are like."""
        heard = np.concatenate([self._outputs[each.file] for each in self.of(TRAINING)]).astype(np.float64)
        voicing = heard.shape[1] - 1 - self.bands
        mean, deviation = heard.mean(0), np.maximum(heard.std(0), 1e-3)
        mean[voicing], deviation[voicing] = 0.0, 1.0
        return Normal(torch.tensor(mean, dtype=torch.float32), torch.tensor(deviation, dtype=torch.float32))

    def batches(self, side: str, normal: Normal, size: int, random: np.random.Generator) -> Iterator[Batch]:
        """Yield all recordings of a side once, in random order."""
        chosen = self.of(side)
        for places in alike([len(self._outputs[each.file]) for each in chosen], size, random):
            yield self.batch([chosen[place] for place in places], normal)

    def batch(self, recordings: Sequence[Spoken], normal: Normal) -> Batch:
        """Return some recordings, padded to the longest."""
        ids = _padded([torch.tensor(each.ids) for each in recordings])
        durations = _padded([torch.from_numpy(self.durations[each.file]) for each in recordings])
        targets = _padded([torch.from_numpy(self._outputs[each.file]).float() for each in recordings])
        lengths = torch.tensor([len(each.ids) for each in recordings])
        return Batch(
            ids,
            torch.tensor([each.style for each in recordings]),
            durations,
            (targets - normal.mean) / normal.deviation,
            _mask(lengths, ids.shape[1]),
            _mask(durations.sum(1), targets.shape[1]),
        )


def read_frames(path: Path) -> Frames:
    """Read what `prepare` wrote of one recording."""
    with np.load(path) as found:
        return Frames(*(found[name].astype(np.float32) for name in Frames._fields))


def outputs_of(frames: Frames) -> NDArray[np.float16]:
    """Return what the network is to say of each frame, (frames, outputs)."""
    columns = (frames.spectrum, log_f0(frames.f0_hz)[:, None], is_voiced(frames.f0_hz)[:, None], frames.aperiodicity)
    return np.concatenate(columns, axis=1).astype(np.float16)


def _padded(rows: Sequence[Tensor]) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)


def _mask(lengths: Tensor, steps: int) -> Tensor:
    return (torch.arange(steps)[None, None] < lengths[:, None, None]).float()
