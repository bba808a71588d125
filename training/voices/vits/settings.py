"""What a training of VITS is made of."""

from dataclasses import dataclass

SIZES = ("medium", "standard", "small")
PRECISIONS = ("fp32", "fp16", "bf16")
HOP_SAMPLES = 256
"""Of a frame."""


@dataclass(frozen=True)
class Settings:
    """Written into the run's folder; a run that goes on keeps those it was begun with, but for `epochs`."""

    seed: int = 1
    epochs: int = 500
    steps: int = 200
    """Batches of an epoch, whatever the number of recordings: what is shown, judged and kept at a time."""
    batch: int = 16
    """Recordings, on each GPU."""
    rate: float = 2e-4
    size: str = "medium"
    """Speaks seven times as fast as the published network, which is `standard`; `small` is to try things with."""
    precision: str = "fp16"
    """Of what a GPU computes; a CPU computes in fp32."""
    save_minutes: float = 10.0
    """A run is kept at the end of each epoch, and within long ones so often."""
    threads: int = 2
    workers: int = 0
    """Processes that read recordings."""
