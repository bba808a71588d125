"""How wrong frames and durations are."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.voices.world.features import SPECTRUM_SIZE
from training.voices.world.material import Batch

_DELTA_WEIGHT, _F0_WEIGHT, _VOICING_WEIGHT, _NOISE_WEIGHT, _DURATION_WEIGHT = 1.0, 0.5, 0.5, 0.2, 0.5


class Losses(NamedTuple):
    """Each a mean over what is not padding; `total` weighs them."""

    spectrum: Tensor
    movement: Tensor
    """Of the spectrum, from frame to frame: without it speech mumbles."""
    f0: Tensor
    voicing: Tensor
    noise: Tensor
    duration: Tensor

    @property
    def total(self) -> Tensor:
        """What training makes small."""
        return (
            self.spectrum
            + _DELTA_WEIGHT * self.movement
            + _F0_WEIGHT * self.f0
            + _VOICING_WEIGHT * self.voicing
            + _NOISE_WEIGHT * self.noise
            + _DURATION_WEIGHT * self.duration
        )


def losses_of(said: Tensor, log_durations: Tensor, batch: Batch) -> Losses:
    """Return the losses of frames (batch, frames, outputs) and log(1 + frames) of symbols (batch, symbols)."""
    frame, symbol = batch.frame_mask.squeeze(1), batch.symbol_mask.squeeze(1)
    wrong = (said - batch.targets).abs()
    voicing = SPECTRUM_SIZE + 1
    is_voiced = batch.targets[:, :, voicing]
    moved = (said.diff(dim=1) - batch.targets.diff(dim=1))[:, :, :SPECTRUM_SIZE].abs().mean(2)
    return Losses(
        spectrum=_mean(wrong[:, :, :SPECTRUM_SIZE].mean(2), frame),
        movement=_mean(moved, frame[:, 1:]),
        f0=_mean(wrong[:, :, SPECTRUM_SIZE], frame * (0.05 + 0.95 * is_voiced)),
        voicing=_mean(
            nn.functional.binary_cross_entropy_with_logits(said[:, :, voicing], is_voiced, reduction="none"), frame
        ),
        noise=_mean(wrong[:, :, voicing + 1 :].mean(2), frame),
        duration=_mean((log_durations - torch.log1p(batch.durations.float())) ** 2, symbol),
    )


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1)
