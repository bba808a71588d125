"""What a training of the acoustic model is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Written into the run's folder; a run that goes on keeps those it was begun with."""

    seed: int = 1
    epochs: int = 20
    batch: int = 16
    rate: float = 1e-3
    width: int = 192
    """Channels of a symbol; a frame has a third more."""
    symbol_blocks: int = 4
    frame_blocks: int = 6
    dropout: float = 0.1
    threads: int = 1
    """More gain little: the layers are small."""
