"""Bounds on what one input may hold, so that no input costs more than its size suggests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one text may hold. What is over is answered with TooLarge or InvalidMarkup."""

    input_bytes: int = 1_000_000
    depth: int = 32
    """Elements or tags inside each other."""
    elements: int = 10_000
    """Elements or tags altogether."""
    pause_seconds: float = 600.0
    """All pauses together."""


LONGEST_PAUSE_SECONDS = 10.0
"""One pause, as Amazon Polly has it."""

LONGEST_WORD_CHARACTERS = 240
"""What `say-as`, `sub`, `phoneme` and `w` may hold: they are never cut, so they bound a sentence."""
