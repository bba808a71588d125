"""Which recordings make a step: always the same ones for a seed, so a stopped run goes on as if it had not been."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, Sampler

from training.voices.batching import alike
from training.voices.prepared import EVALUATION, TRAINING, Prepared, Spoken
from training.voices.vits.distributed import Place
from training.voices.vits.prepare import SOUNDS
from training.voices.vits.settings import Settings

Batch = dict[str, Tensor]
Clip = tuple[Spoken, Tensor]


class Clips(Dataset[Clip]):
    """Recordings with their sounds, (samples,)."""

    def __init__(self, recordings: Sequence[Spoken], folder: Path) -> None:
        self._recordings, self._folder = recordings, folder

    def __len__(self) -> int:
        return len(self._recordings)

    def __getitem__(self, index: int) -> Clip:
        spoken = self._recordings[index]
        return spoken, torch.from_numpy(soundfile.read(self._folder / spoken.file, dtype="float32")[0])


class Batches(Sampler[list[int]]):
    """The rest of an epoch's batches, as `step` says how many steps are done in all."""

    def __init__(self, lengths: Sequence[int], settings: Settings, place: Place) -> None:
        self.step = 0
        self._lengths, self._settings, self._place = lengths, settings, place

    def __len__(self) -> int:
        return self._settings.steps - self.step % self._settings.steps

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.step, self.step + len(self)):
            at, place = divmod(step * self._place.processes + self._place.rank, self._of_pass)
            yield self._pass(at)[place]

    @property
    def _of_pass(self) -> int:
        """How many batches go once through all recordings."""
        return -(-len(self._lengths) // self._settings.batch)

    def _pass(self, number: int) -> list[list[int]]:
        return alike(self._lengths, self._settings.batch, np.random.default_rng((self._settings.seed, number)))


def training_batches(prepared: Prepared, settings: Settings, place: Place) -> tuple["DataLoader[Clip]", Batches]:
    """Return the loader of what is learned from, and what tells it where to begin."""
    recordings = prepared.of(TRAINING)
    batches = Batches([len(each.ids) for each in recordings], settings, place)
    clips = Clips(recordings, prepared.folder / SOUNDS)
    return DataLoader(clips, batch_sampler=batches, collate_fn=collated, num_workers=settings.workers), batches


def held_out_batches(prepared: Prepared, settings: Settings) -> "DataLoader[Clip] | None":
    """Return the loader of what is held out, if anything is."""
    recordings = prepared.of(EVALUATION)
    if not recordings:
        return None
    return DataLoader(Clips(recordings, prepared.folder / SOUNDS), settings.batch, collate_fn=collated)


def collated(clips: Sequence[Clip]) -> Batch:
    """Return a batch as Coqui's VITS takes it, padded with zeros."""
    spoken, sounds = zip(*clips, strict=True)
    lengths = torch.tensor([len(sound) for sound in sounds])
    return {
        "tokens": pad_sequence([torch.tensor(each.ids) for each in spoken], batch_first=True),
        "token_lens": torch.tensor([len(each.ids) for each in spoken]),
        "waveform": pad_sequence(list(sounds), batch_first=True)[:, None],
        "waveform_rel_lens": lengths / lengths.max(),
        "speaker_ids": torch.tensor([each.style for each in spoken]),
    }
