"""Engines for tests of what happens while an engine works."""

import threading
from collections.abc import Sequence

from services.stt.engine import Segment, Wishes
from services.stt.engines.fake import Fake
from shared.audio import Samples
from shared.problems import EngineFailed


class Patient(Fake):
    """The fake engine; calls whose number is in `held` wait until they are let go, those in `failing` fail."""

    calls = 0
    at_once = 0
    most_at_once = 0
    held: frozenset[int] = frozenset()
    failing: frozenset[int] = frozenset()
    gate = threading.Event()
    _lock = threading.Lock()

    @classmethod
    def begin(cls, held: Sequence[int] = (), failing: Sequence[int] = ()) -> None:
        """Count from zero; which calls wait, and which fail."""
        cls.calls = cls.at_once = cls.most_at_once = 0
        cls.held, cls.failing, cls.gate = frozenset(held), frozenset(failing), threading.Event()

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        kind = Patient
        with self._lock:
            number = kind.calls
            kind.calls += 1
            kind.at_once += 1
            kind.most_at_once = max(kind.most_at_once, kind.at_once)
        try:
            if number in kind.held:
                assert kind.gate.wait(100)
            if number in kind.failing:
                raise EngineFailed("The engine has had enough.")
            return super().transcribe(utterances, wishes)
        finally:
            with self._lock:
                kind.at_once -= 1
