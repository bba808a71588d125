"""Batches of varied clips, read speech and noise, as Keras takes them. The same seed gives the same batches."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from training.keywords.augment import Augmenter
from training.keywords.powers import Frames, Powers

_SPEECH, _NOISE = -1, -2


@dataclass(frozen=True)
class Material:
    """All that batches are made of."""

    pictures: NDArray[np.float16]
    """[n, frames, bands]: log-mel pictures of the clips to learn from."""
    targets: NDArray[np.int64]
    """[n]: their classes."""
    noise: Frames
    speech: Frames
    other: int
    """Class of read speech."""
    silence: int
    """Class of noise."""
    classes: int

    @property
    def rows(self) -> int:
        """How many clips there are."""
        return len(self.targets)


@dataclass(frozen=True)
class Mixture:
    """What an epoch holds beside every clip once, as shares of their number."""

    batch_rows: int = 64
    speech_share: float = 0.4
    noise_share: float = 0.05
    mixing: float = 0.3
    """Of pairs of examples, Beta(mixing, mixing) of one to the rest of the other: mixup, Zhang et al. 2018,
    arXiv:1710.09412. 0: none."""


Opinion = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""How likely each class is, [n, classes], in pictures, [n, frames, bands]."""


@dataclass(frozen=True)
class Teaching:
    """What others say of the same pictures, and how much it counts beside the labels."""

    opinion: Opinion
    share: float

    def __call__(self, pictures: NDArray[np.float32], targets: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the targets, [n, classes], as the teachers see them, too."""
        return (1 - self.share) * targets + self.share * self.opinion(pictures)


class Epoch(keras.utils.PyDataset):
    """The batches of one epoch: pictures, float32 [rows, frames, bands], and targets [rows, classes]."""

    def __init__(
        self,
        material: Material,
        mixture: Mixture,
        augmenter: Augmenter,
        seed: tuple[int, int],
        teaching: Teaching | None = None,
    ) -> None:
        super().__init__(workers=1, max_queue_size=16)
        self._material = material
        self._mixture = mixture
        self._augmenter = augmenter
        self._seed = seed
        self._teaching = teaching
        self._order = _shuffled(material, mixture, np.random.default_rng(seed))

    def __len__(self) -> int:
        return max(1, len(self._order) // self._mixture.batch_rows)  # a few clips make one small batch

    def __getitem__(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rng = np.random.default_rng([*self._seed, number])
        size = self._mixture.batch_rows
        powers, targets = _mixed(*self._chosen(self._order[number * size :][:size], rng), self._mixture.mixing, rng)
        noise = self._material.noise.random(len(powers), powers.shape[1], rng)
        pictures = self._augmenter.varied(powers, noise, rng)
        return pictures, self._teaching(pictures, targets) if self._teaching else targets

    def _chosen(self, rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Powers, NDArray[np.float32]]:
        own = self._material
        powers = np.empty((len(rows), *own.pictures.shape[1:]), np.float32)
        classes = np.empty(len(rows), np.int64)
        clips = rows >= 0
        powers[clips], classes[clips] = np.exp(own.pictures[rows[clips]].astype(np.float32)), own.targets[rows[clips]]
        for code, frames, number in ((_SPEECH, own.speech, own.other), (_NOISE, own.noise, own.silence)):
            chosen = rows == code
            if chosen.any():
                powers[chosen], classes[chosen] = frames.random(int(chosen.sum()), powers.shape[1], rng), number
        return powers, np.eye(own.classes, dtype=np.float32)[classes]


def _mixed(
    powers: Powers, targets: NDArray[np.float32], mixing: float, rng: np.random.Generator
) -> tuple[Powers, NDArray[np.float32]]:
    """Return each example with a lesser share of another one; powers of sounds that sound together add up."""
    if not mixing:
        return powers, targets
    share = rng.beta(mixing, mixing, (len(powers), 1)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    others = rng.permutation(len(powers))
    mixed = share[..., None] * powers + (1 - share[..., None]) * powers[others]
    return mixed, share * targets + (1 - share) * targets[others]


def _shuffled(material: Material, mixture: Mixture, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of all clips and, negative, places for read speech and noise, in random order."""
    order = np.concatenate(
        [
            np.arange(material.rows),
            np.full(int(material.rows * mixture.speech_share) if material.speech.recordings else 0, _SPEECH),
            np.full(int(material.rows * mixture.noise_share), _NOISE),
        ]
    )
    rng.shuffle(order)
    return order
