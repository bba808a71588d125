"""`check`: the check that the recipe begins with, in the same environment."""

from collections.abc import Sequence

from training.voices.commands.environment import become, python_of


def run(arguments: Sequence[str]) -> int:
    """Become the check, which knows its options itself. Raises Unavailable."""
    become([python_of("world"), "-m", "training.voices.check", *arguments], {})
    return 0
