"""Which recording is next: first what is planned for this child, then whatever is left, of the dead too."""

import time
from collections import deque
from collections.abc import Callable, Iterable

from jobs.transcribe.bucket import Bucket
from jobs.transcribe.claims import Watch, claim_key
from jobs.transcribe.recordings import Outcome
from jobs.transcribe.worker import Task
from shared.objects import ObjectInfo
from shared.problems import StorageRefused, Unavailable

_LOOKS = 4
"""In the time of a lease: how often the claims of others are looked at while there is nothing else to do."""
_MOST_FAILED_LOOKS = 8


class Turns:
    """Hands out the recordings that wait when it is made, each once at a time; what comes later is for the next run.

    `planned` come first, in their order. What another process is at work on comes again if that process dies.
    """

    def __init__(
        self,
        bucket: Bucket,
        planned: Iterable[str],
        waiting: Iterable[ObjectInfo],
        lease_seconds: float,
        *,
        waits: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bucket = bucket
        self._watch = Watch(bucket.objects, lease_seconds, clock)
        self._waits = waits
        self._clock = clock
        self.pause_seconds = lease_seconds / _LOOKS
        """Between two looks at what others do."""
        etags = {info.key: info.etag for info in waiting}
        self._undone = set(etags)
        self._next = deque(Task(key, etags[key]) for key in planned if key in self._undone)
        self._underway: set[str] = set()
        self._next_look_seconds = 0.0
        self._failed_looks = 0

    def take(self) -> Task | None:
        """Return what to do next; None while there is nothing, which may change until it `is_over`.

        Raises Unavailable where the storage has failed for as long as two leases.
        """
        if not self._next and self._undone - self._underway and self._clock() >= self._next_look_seconds:
            self._look()
        if not self._next:
            return None
        task = self._next.popleft()
        self._underway.add(task.key)
        return task

    def ended(self, outcome: Outcome) -> None:
        """Hear what became of one."""
        self._underway.discard(outcome.key)
        if outcome.state != "elsewhere":
            self._undone.discard(outcome.key)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left, neither here nor, as far as it is waited for, elsewhere."""
        return not self._next and not self._undone

    def _look(self) -> None:
        """Take up what nobody does, or did before he died; forget what somebody has done."""
        self._next_look_seconds = self._clock() + self.pause_seconds
        try:
            there = {info.key: info.etag for info in self._bucket.inputs()}
            claims = self._watch.look()
        except StorageRefused:
            raise
        except Unavailable:
            self._failed_looks += 1
            if self._failed_looks == _MOST_FAILED_LOOKS:
                raise
            return
        self._failed_looks = 0
        self._undone &= there.keys() | self._underway
        for key in sorted(self._undone - self._underway, reverse=True):  # others begin at the other end
            claim = claims.get(claim_key(key))
            if claim is None or claim.is_dead:
                self._next.append(Task(key, there[key], claim.etag if claim else None))
            elif claim.is_alive and not self._waits:
                self._undone.discard(key)
