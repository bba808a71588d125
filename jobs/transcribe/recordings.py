"""The steps of one recording. Each can be done again without harm, by anybody; the recording is moved last."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from jobs.transcribe.bucket import FAILED, INPUT, PROCESSED, Bucket
from jobs.transcribe.claims import Claims, Held
from jobs.transcribe.endings import ending_of
from jobs.transcribe.outputs import Found, Outputs
from jobs.transcribe.patience import Late, Progress
from jobs.transcribe.scribe import Scribe
from jobs.transcribe.transcript import Transcript, Version
from shared.objects import ObjectInfo
from shared.problems import Conflict, EngineFailed, Json, NotFound, Problem, StorageFull, TimedOut, Unavailable

State = Literal["written", "unchanged", "failed", "elsewhere", "left"]
"""Written down; moved on only, as its output was there; failed, with a reason; another process's; left where it is."""

_VERSIONS = 5
"""How often a recording may be written anew while it is written down."""
_OF_THE_STORAGE = (Unavailable, StorageFull, Conflict, NotFound)
_log = logging.getLogger("timbre.batch")


class _Lost(Exception):
    """Another process has taken the recording over."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a recording."""

    key: str
    state: State
    sound_seconds: float = 0.0
    """Of what was written down."""
    why: str = ""
    """What was wrong, in words that name neither the recording nor what is in it."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Does recordings, one at a time."""

    bucket: Bucket
    claims: Claims
    scribe: Scribe
    outputs: Outputs
    most_lives: int
    tell: Callable[[Progress], None] = lambda _: None
    """Hears how far the engine is."""

    def do(self, key: str, over: str | None = None, late: Late | None = None, *, begun: str | None = None) -> Outcome:
        """See that there is one output, or one reason, for a recording. `over` is the claim of a process that died;
        `late` is the version that it took too long over; `begun` is the etag of one that was begun here before, of
        which nobody told what became of it.

        Raises Unavailable and StorageFull: then it is to be done again.
        """
        with self.claims.holding(key, over) as held:
            if held is None:
                return Outcome(key, "elsewhere")
            for _ in range(_VERSIONS):
                try:
                    info = self.bucket.objects.head(INPUT + key)
                    return self._done(replace(info, key=key), held, late, begun)
                except Conflict:  # written anew meanwhile: the new one counts; or an answer of the storage was lost
                    begun = info.etag
                except NotFound:  # somebody has done it, or removed it
                    return self._became(key, begun)
                except _Lost:
                    return Outcome(key, "elsewhere")
        raise Unavailable("The recording is written anew all the time.")

    def _became(self, key: str, begun: str | None) -> Outcome:
        """Tell what became of a version that is gone from input/, if it was begun here."""
        ending = ending_of(self.bucket.objects, key, begun) if begun else None
        if ending == "failed" and (refusal := self.outputs.reason(key)):
            return Outcome(key, "failed", why=str(refusal.problem.get("detail", "")))
        if ending == "done" and (found := self.outputs.find(key)) and found.transcript:
            return Outcome(key, "written", found.transcript.duration_seconds)
        return Outcome(key, "elsewhere")

    def _done(self, info: ObjectInfo, held: Held, late: Late | None, begun: str | None) -> Outcome:
        version = self.scribe.version(info.key, info.etag)
        try:
            outcome = self._written(version, info.size_bytes, held, late, begun)
        except _OF_THE_STORAGE:
            raise
        except Problem as problem:
            self._require_held(held)
            return self._failed(version, problem.body())
        self.outputs.forgive(version)
        self.bucket.move(info.key, INPUT, PROCESSED, version.etag)
        return outcome

    def _written(self, version: Version, size_bytes: int, held: Held, late: Late | None, begun: str | None) -> Outcome:
        known = self.outputs.find(version.key)
        if known and known.transcript and known.transcript.is_of(version):
            self.outputs.write_text(version.key)
            if version.etag == begun:
                return Outcome(version.key, "written", known.transcript.duration_seconds)
            return Outcome(version.key, "unchanged")
        if late and late.etag == version.etag:
            raise TimedOut(late.why)
        transcript = self._transcript(version, size_bytes, held)
        self._require_held(held)
        return self._keep(transcript, known)

    def _keep(self, transcript: Transcript, known: Found | None) -> Outcome:
        self.outputs.write(transcript, known)
        self.outputs.write_text(transcript.key)
        return Outcome(transcript.key, "written", transcript.duration_seconds)

    def _transcript(self, version: Version, size_bytes: int, held: Held) -> Transcript:
        if held.claim.lives > self.most_lives:
            raise EngineFailed(f"{self.most_lives} processes died one after the other of this recording.")

        def advance(heard_seconds: float) -> None:
            self._require_held(held)
            self.tell(Progress(version.etag, heard_seconds))

        try:
            return self.scribe.transcript(version, size_bytes, advance)
        except (Problem, _Lost):
            raise
        except Exception as error:  # whatever an engine raises: it is this recording that fails, and no other
            _log.warning("an engine failed", exc_info=True)
            raise EngineFailed("The engine failed; the log has it.") from error
        finally:
            self.tell(Progress(version.etag, None))

    def _failed(self, version: Version, problem: dict[str, Json]) -> Outcome:
        self.outputs.refuse(version, problem)
        self.bucket.move(version.key, INPUT, FAILED, version.etag)
        return Outcome(version.key, "failed", why=str(problem["detail"]))

    def _require_held(self, held: Held) -> None:
        if held.is_lost:
            raise _Lost
