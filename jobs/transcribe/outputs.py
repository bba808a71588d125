"""What is kept of recordings that are done: a transcript as JSON and as text, or a reason. Blocks."""

from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from jobs.transcribe.bucket import FAILED, OUTPUT, REASON, TEXT, TRANSCRIPT
from jobs.transcribe.transcript import Refusal, Transcript, Version
from shared.objects import ObjectStore
from shared.problems import AlreadyExists, Conflict, Json, NotFound, Unavailable

Kept = TypeVar("Kept", bound=Version)

_TRIES = 10


class Found(NamedTuple):
    """What is there, whose it may be: `transcript` is None for what is none of ours."""

    etag: str
    transcript: Transcript | None


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs in a bucket. Whoever dies, and whenever: the JSON is whole, and the text follows it."""

    objects: ObjectStore

    def find(self, key: str) -> Found | None:
        """Return the transcript of any version of a recording."""
        try:
            etag = self.objects.head(OUTPUT + key + TRANSCRIPT).etag
            return Found(etag, self._read(OUTPUT + key + TRANSCRIPT, Transcript))
        except NotFound:
            return None

    def write(self, transcript: Transcript, known: Found | None) -> None:
        """Write the JSON in place of the one that is known. Raises Conflict where somebody else was quicker."""
        key, content = OUTPUT + transcript.key + TRANSCRIPT, transcript.model_dump_json(indent=1).encode() + b"\n"
        try:
            if known is None:
                self.objects.put(key, content, if_absent=True)
            else:
                self.objects.put(key, content, if_match=known.etag)
        except (AlreadyExists, Conflict) as problem:
            found = self.find(transcript.key)
            if found is None or found.transcript is None or not found.transcript.is_of(transcript):
                raise Conflict("Another version of this recording was written down meanwhile.") from problem

    def write_text(self, key: str) -> None:
        """Write what the JSON says as text, in place of the one that was there before the JSON was read: whoever is
        held up in between puts no old text over that of a newer JSON."""
        for _ in range(_TRIES):
            known = self.objects.find(OUTPUT + key + TEXT)
            text = _text_of(self._transcript(key))
            with suppress(AlreadyExists, Conflict):
                etag = known.etag if known else None
                self.objects.put(OUTPUT + key + TEXT, text, if_absent=known is None, if_match=etag)
                return
        raise Unavailable("The transcript changes all the time.")

    def _transcript(self, key: str) -> Transcript:
        with suppress(NotFound):
            if kept := self._read(OUTPUT + key + TRANSCRIPT, Transcript):
                return kept
        raise Conflict("The transcript was removed meanwhile.")

    def refuse(self, version: Version, problem: dict[str, Json]) -> None:
        """Say why there is no transcript of a version."""
        refusal = Refusal(**dict(version), problem=problem)
        self.objects.put(FAILED + version.key + REASON, refusal.model_dump_json(indent=1).encode() + b"\n")

    def reason(self, key: str) -> Refusal | None:
        """Return why a recording failed, where that is known."""
        try:
            return self._read(FAILED + key + REASON, Refusal)
        except NotFound:
            return None

    def forgive(self, version: Version) -> None:
        """Remove the reason why a version failed at first that is done by now, and what a move into failed/ that was
        cut short has left beside it."""
        refusal = self.reason(version.key)
        if refusal is not None and refusal.etag == version.etag:
            self.objects.delete(FAILED + version.key)
            self.objects.delete(FAILED + version.key + REASON)

    def _read(self, key: str, kind: type[Kept]) -> Kept | None:
        """Return what was written; None for what others put there. Raises NotFound."""
        try:
            return kind.model_validate_json(self.objects.get(key))
        except ValidationError:
            return None


def _text_of(transcript: Transcript) -> bytes:
    return f"{transcript.text}\n".encode() if transcript.text else b""
