"""What an evaluation leaves beside its figures: pictures and sample sounds, that go with the voice."""

from collections.abc import Iterator
from pathlib import Path

PICTURES = ("spectrograms.png", "f0.png", "emotions.png", "training.png")
SAMPLES = "samples"
SAMPLE_SUFFIX = ".ogg"
MOST_SAMPLES = 3


def documents(evaluation: Path) -> Iterator[str]:
    """Yield the names of what is there, for people."""
    yield from (name for name in PICTURES if (evaluation / name).is_file())
    yield from (f"{SAMPLES}/{path.name}" for path in sorted((evaluation / SAMPLES).glob(f"*{SAMPLE_SUFFIX}")))
