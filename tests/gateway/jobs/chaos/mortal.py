"""Processes that are killed at a point again and again, and what they are given to do."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.gateway.jobs.stack import Stack

KILLS = 25
SHORT = " ".join(f"Sentence number {number} is one of some in a text." for number in range(20))
LONGER = "This is wonderful! " + " ".join(f"Sentence number {number} goes on and on." for number in range(50))
TEXTS = (SHORT, LONGER)
"""Of two parts and of three."""
ENDLESS = " ".join(f"Number {number} of very many sentences." for number in range(600))

WORKER, GATEWAY, TTS = (f"tests.gateway.jobs.chaos.faulty_{name}" for name in ("worker", "gateway", "tts"))

killed: Counter[str] = Counter()
"""How often what was killed, in this run."""
TIDY_WORKER = "tests.gateway.jobs.chaos.tidy_worker"


class Mortal:
    """A process that dies at points which its environment names."""

    def __init__(self, stack: Stack, name: str, module: str) -> None:
        self._stack, self._name, self._module = stack, name, module
        self._point = ""
        self._armed = stack.folder / f"armed-{name}"

    def start(self, fault: str) -> None:
        """Start it; it lives until it is armed."""
        self._point = fault.partition(":")[0]
        self._stack.start(self._name, self._module, TEST_FAULT=fault, TEST_FAULT_ARMED=str(self._armed))

    @contextmanager
    def dying(self) -> Iterator[None]:
        """Arm it; what is done in the block kills it."""
        self._armed.touch()
        yield
        assert self._stack.processes[self._name].wait(60) == -signal.SIGKILL
        killed[f"{self._name}: {self._point}"] += 1
        del self._stack.processes[self._name]
        self._armed.unlink()
