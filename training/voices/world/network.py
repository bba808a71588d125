"""The acoustic model: symbols in, frames of WORLD out.

Convolutions over symbols, each symbol stretched to the frames it lasts, convolutions over frames: the shape of
FastSpeech (Ren et al. 2019) with the blocks of ConvNeXt (Liu et al. 2022), which cost a CPU a tenth of attention.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.voices.world.features import SPECTRUM_SIZE
from training.voices.world.material import Batch

_SYMBOL_KERNEL, _FRAME_KERNEL, _DURATION_KERNEL = 5, 11, 3
_WIDENING = 2
_USUAL_FRAMES = 4
"""Of a symbol, before anything is learned."""


class Shape(NamedTuple):
    """What the network's size follows from."""

    symbols: int
    styles: int
    bands: int
    """Of coded aperiodicity."""
    width: int
    symbol_blocks: int
    frame_blocks: int
    dropout: float

    @property
    def outputs(self) -> int:
        """Values of a frame: spectrum, logarithm of F0, voicing, aperiodicity."""
        return SPECTRUM_SIZE + 2 + self.bands


class Block(nn.Module):
    """A step that looks at its neighbours and then at its own channels; (batch, channels, steps)."""

    def __init__(self, channels: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.near = nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.wide = nn.Linear(channels, channels * _WIDENING)
        self.narrow = nn.Linear(channels * _WIDENING, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask` (batch, 1, steps) is 0 behind the end."""
        y = self.norm(self.near(x * mask).transpose(1, 2))
        y = self.narrow(nn.functional.gelu(self.wide(y)))
        return x + self.dropout(y).transpose(1, 2)


class Acoustic(nn.Module):
    """All of it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, frame_width = shape.width, shape.width * 4 // 3
        self.symbols = nn.Embedding(shape.symbols, width)
        self.styles = nn.Embedding(shape.styles, width)
        self.symbol_blocks = nn.ModuleList(
            Block(width, _SYMBOL_KERNEL, shape.dropout) for _ in range(shape.symbol_blocks)
        )
        self.duration_blocks = nn.ModuleList(Block(width, _DURATION_KERNEL, shape.dropout) for _ in range(2))
        self.duration = nn.Linear(width, 1)
        nn.init.constant_(self.duration.bias, math.log1p(_USUAL_FRAMES))
        self.stretched = nn.Linear(width + 3, frame_width)
        self.frame_blocks = nn.ModuleList(
            Block(frame_width, _FRAME_KERNEL, shape.dropout) for _ in range(shape.frame_blocks)
        )
        self.norm = nn.LayerNorm(frame_width)
        self.frame = nn.Linear(frame_width, shape.outputs)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return frames (batch, frames, outputs), normalised, as long as the batch's, and what is made of durations."""
        encoded = self.encoded(batch.ids, batch.style, batch.symbol_mask)
        places, within = stretched(batch.durations, batch.targets.shape[1])
        return self.frames(encoded, places, within, batch.frame_mask), self.log_durations(encoded, batch.symbol_mask)

    def encoded(self, ids: Tensor, style: Tensor, mask: Tensor) -> Tensor:
        """Return what is known of each symbol, (batch, width, symbols)."""
        x = (self.symbols(ids) + self.styles(style)[:, None]).transpose(1, 2)
        for block in self.symbol_blocks:
            x = block(x, mask)
        return x

    def log_durations(self, encoded: Tensor, mask: Tensor) -> Tensor:
        """Return log(1 + frames) of each symbol, (batch, symbols). Learns nothing about symbols themselves."""
        x = encoded.detach()
        for block in self.duration_blocks:
            x = block(x, mask)
        return self.duration(x.transpose(1, 2)).squeeze(2)

    def frames(self, encoded: Tensor, places: Tensor, within: Tensor, mask: Tensor) -> Tensor:
        """Return frames (batch, frames, outputs), normalised.

        `places` (batch, frames) tells each frame's symbol, `within` (batch, frames, 3) where in it the frame is.
        """
        index = places[:, :, None].expand(-1, -1, encoded.shape[1])
        stretched = torch.gather(encoded.transpose(1, 2), 1, index)
        x = self.stretched(torch.cat([stretched, within], 2)).transpose(1, 2)
        for block in self.frame_blocks:
            x = block(x, mask)
        return self.frame(self.norm(x.transpose(1, 2)))


def stretched(durations: Tensor, frames: int) -> tuple[Tensor, Tensor]:
    """Return each frame's symbol, and where in it the frame is: from its start, to its end, and how long it is.

    `durations` (batch, symbols) are whole frames; those behind the last symbol count as its own.
    """
    ends = torch.cumsum(durations, 1)
    moments = torch.arange(frames, device=durations.device)
    places = (moments[None, :, None] >= ends[:, None, :]).sum(2).clamp(max=durations.shape[1] - 1)
    length = torch.gather(durations, 1, places).clamp(min=1).float()
    since = (moments[None] - (torch.gather(ends, 1, places) - length)).float()
    part = ((since + 0.5) / length).clamp(0, 1)
    return places, torch.stack([part, 1 - part, torch.log1p(length)], 2)
