"""Commands that are programs of the training's environment, and know their options themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.voices.commands.environment import become, python_of


@dataclass(frozen=True, slots=True)
class Program:
    """One of them."""

    module: str
    network: str
    """Whose packages it needs."""
    help: str

    def run(self, arguments: Sequence[str]) -> int:
        """Become the program. Raises Unavailable where its packages cannot be installed."""
        become([python_of(self.network), "-m", self.module, *arguments], {})
        return 0


PROGRAMS = {
    "check": Program(
        "training.voices.check",
        "world",
        "tell whether recordings are fit to learn a voice from, and how to mend what is not",
    ),
    "import-coqui": Program(
        "training.voices.vits.import_coqui",
        "vits",
        "bring a VITS voice that Coqui has trained (config.json and weights) into the store",
    ),
}
