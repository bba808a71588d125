"""Who is at work on which recording: objects that their owners write again and again, as long as they live.

No two clocks are compared. Whoever waits for a claim sees by his own clock how long it has been the same.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from secrets import token_hex
from threading import Event, Thread

from pydantic import BaseModel, ValidationError

from jobs.transcribe.bucket import CLAIMS, Bucket
from shared.objects import ObjectStore
from shared.problems import AlreadyExists, Conflict, NotFound, StorageFull, Unavailable

_RENEWALS = 4
"""In the time of a lease."""


class Claim(BaseModel):
    """One claim, as it is written."""

    key: str
    """The recording's."""
    owner: str
    life: str
    """Tells processes apart that follow each other under one name."""
    lives: int = 1
    """How many processes have worked on the recording, this one included."""
    beats: int = 0


@dataclass
class Held:
    """A claim of this process, for as long as nobody takes it over."""

    claim: Claim
    etag: str
    is_lost: bool = False


def claim_key(key: str) -> str:
    """Return the key of the claim to a recording."""
    return f"{CLAIMS}{sha256(key.encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims in a bucket, as one owner makes them. All calls but `holding` raise what the store raises."""

    objects: ObjectStore
    owner: str
    lease_seconds: float
    life: str = field(default_factory=partial(token_hex, 8))

    @contextmanager
    def holding(self, key: str, over: str | None = None) -> Iterator[Held | None]:
        """Claim a recording for the block; yield None where it is another's.

        `over` is the etag of a claim whose owner is known to be dead. One of our own name is a dead process's too.
        """
        held = self._take(key, over)
        if held is None:
            yield None
            return
        ending = Event()
        renewing = Thread(target=self._renew, args=(held, ending), daemon=True)
        renewing.start()
        try:
            yield held
        finally:
            ending.set()
            renewing.join()
            self._release(held)

    def release(self, key: str) -> None:
        """Give up a claim of our own, by whichever process of our name."""
        with suppress(NotFound, Conflict):
            etag = self.objects.head(claim_key(key)).etag
            if self._read(key).owner == self.owner:
                self.objects.delete(claim_key(key), if_match=etag)

    def _take(self, key: str, over: str | None) -> Held | None:
        claim = Claim(key=key, owner=self.owner, life=self.life)
        with suppress(AlreadyExists):
            return Held(claim, self.objects.put(claim_key(key), _json(claim), if_absent=True))
        try:
            etag = self.objects.head(claim_key(key)).etag
            found = self._read(key)
        except NotFound:  # released just now: whoever had it has done it
            return None
        if found.owner != self.owner and etag != over:
            return None
        lives = found.lives + (found.life != self.life)
        taken = {"owner": self.owner, "life": self.life, "lives": lives, "beats": found.beats + 1}
        return self._written(found.model_copy(update=taken), etag)

    def _written(self, claim: Claim, over: str) -> Held | None:
        """Replace a claim; return None if another was quicker."""
        try:
            return Held(claim, self.objects.put(claim_key(claim.key), _json(claim), if_match=over))
        except Conflict:  # or the storage did it and its answer was lost
            with suppress(NotFound):
                etag = self.objects.head(claim_key(claim.key)).etag
                return Held(claim, etag) if self._read(claim.key) == claim else None
            return None

    def _read(self, key: str) -> Claim:
        content = self.objects.get(claim_key(key))
        try:
            return Claim.model_validate_json(content)
        except ValidationError:  # what others put there is nobody's
            return Claim(key=key, owner="", life="", lives=0)

    def _renew(self, held: Held, ending: Event) -> None:
        while not ending.wait(self.lease_seconds / _RENEWALS):
            with suppress(Unavailable, StorageFull):  # others cannot take it over meanwhile either
                renewed = self._written(held.claim.model_copy(update={"beats": held.claim.beats + 1}), held.etag)
                if renewed is None:
                    held.is_lost = True
                    return
                held.claim, held.etag = renewed.claim, renewed.etag

    def _release(self, held: Held) -> None:
        with suppress(Conflict, Unavailable, StorageFull):  # then others wait for a lease
            if not held.is_lost:
                self.objects.delete(claim_key(held.claim.key), if_match=held.etag)


def remove_orphans(bucket: Bucket) -> None:
    """Delete the claims to what is not in input/ any more: who made them died after the recording was moved."""
    claims = list(bucket.objects.list(CLAIMS))  # first: what is claimed later waits in input/ too
    waiting = {claim_key(info.key) for info in bucket.inputs()} if claims else set()
    for info in claims:
        if info.key not in waiting:
            with suppress(Conflict):  # its owner lives
                bucket.objects.delete(info.key, if_match=info.etag)


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim as it was seen first, by this process's own clock."""

    etag: str
    since_seconds: float
    is_dead: bool = False
    """Its owner has been silent for longer than a lease."""
    is_alive: bool = False
    """Its owner was heard of meanwhile."""


class Watch:
    """Looks at the claims of all, again and again."""

    def __init__(self, objects: ObjectStore, lease_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._objects = objects
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._seen: dict[str, Seen] = {}

    def look(self) -> dict[str, Seen]:
        """Return the claims that are there now, by their keys."""
        now = self._clock()
        fresh = {info.key: Seen(info.etag, now) for info in self._objects.list(CLAIMS)}
        self._seen = {key: self._known(key, seen, now) for key, seen in fresh.items()}
        return self._seen

    def _known(self, key: str, seen: Seen, now: float) -> Seen:
        known = self._seen.get(key)
        if known is None or known.etag != seen.etag:
            return replace(seen, is_alive=known is not None)
        return replace(known, is_dead=now - known.since_seconds > self._lease_seconds)


def _json(claim: Claim) -> bytes:
    return claim.model_dump_json().encode()
