"""From one recording in a bucket to its transcript, with the engine in this process."""

import mmap
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from tempfile import TemporaryFile

from jobs.transcribe.bucket import INPUT
from jobs.transcribe.transcript import Options, TimedSegment, Transcript, Version
from services.stt.engine import Segment, SpeechEngine
from services.stt.transcriber import Transcriber
from services.stt.transcripts import joined_text
from shared.audio import AudioLimits, decode_blocks
from shared.objects import ObjectStore
from shared.objects.atomic import WRITING, reported
from shared.objects.base import limited
from shared.problems import Unavailable


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes down recordings with one model."""

    objects: ObjectStore
    model: str
    engine: SpeechEngine
    options: Options
    limits: AudioLimits

    def version(self, key: str, etag: str) -> Version:
        """Return what the output for a recording is made of."""
        return Version(key=key, etag=etag, model=self.model, options=self.options)

    def transcript(self, version: Version, size_bytes: int, advance: Callable[[float], None]) -> Transcript:
        """Return the transcript of a recording of that size.

        `advance` is called again and again with the seconds of sound that the engine has got, first with 0 when all of
        the recording is here, and raises what ends the work. Raises InvalidInput,
        UnsupportedMedia, TooLarge and TimedOut for recordings that cannot be read, NotFound, Unavailable, StorageFull,
        and whatever the engine raises.
        """
        segments: list[Segment] = []
        heard_seconds = 0.0
        content = self._content(version.key, size_bytes)
        advance(heard_seconds)
        blocks = decode_blocks(content, self.limits, sample_rate_hz=self.engine.sample_rate_hz)
        with closing(blocks):
            for piece in Transcriber(self.engine).pieces(blocks, self.options.wishes):
                segments += piece.segments
                heard_seconds = piece.heard_seconds
                advance(heard_seconds)
        return Transcript(
            **dict(version),
            language=next((segment.language for segment in segments if segment.language), self.options.language),
            duration_seconds=round(heard_seconds, 3),
            text=joined_text(segments),
            segments=[TimedSegment.of(segment) for segment in segments],
        )

    def _content(self, key: str, size_bytes: int) -> bytes:
        """Return a recording, which is on the disk and not in memory, however long it is.

        Raises Unavailable for one that comes short, as what is left of it might be taken for the whole; TooLarge; and,
        where this machine has no room or no files left, StorageFull and Unavailable.
        """
        self.limits.check_bytes(size_bytes)
        with reported(WRITING), TemporaryFile() as file, self.objects.open(INPUT + key) as chunks:
            file.writelines(limited(chunks, self.limits.max_bytes))
            file.flush()
            if file.tell() != size_bytes:
                raise Unavailable("The storage sends another number of bytes than it has.")
            if not size_bytes:
                return b""
            # It is never closed by hand: the traceback of what was wrong with the recording still has views of it.
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # type: ignore[return-value]  # it has the same
