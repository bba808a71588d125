"""Sound to audio files: as a stream, a piece at a time, or as a whole file with a header that knows the length."""

from collections.abc import Iterable
from typing import BinaryIO, Final

import numpy as np

from shared.audio.formats import find_format
from shared.audio.outboxes import AnyOutbox, FileOutbox, Outbox, RewritableOutbox
from shared.audio.resample import Resampler
from shared.audio.sound import Samples, Sound
from shared.audio.writers import LibavWriter, LibsndfileWriter

_WRITERS: Final[dict[str, type[LibavWriter] | type[LibsndfileWriter]]] = {"VORBIS": LibsndfileWriter}


class Encoder:
    """One stream of mono sound in one format; bytes come out as early as the codec permits.

    Nothing in the stream tells its length: a wav header says 0xFFFFFFFF, as ffmpeg's and OpenAI's do. Sound runs on
    across pieces, so joins make no click. `comment` goes into the file's metadata, where the format has a place for it
    (all but pcm, mulaw and alaw). Raises InvalidInput for an unknown format or a rate it does not have.
    """

    def __init__(
        self,
        format_name: str,
        sample_rate_in_hz: int,
        sample_rate_out_hz: int | None = None,
        *,
        outbox: AnyOutbox | None = None,
        comment: str = "",
    ) -> None:
        audio_format = find_format(format_name)
        self.media_type = audio_format.media_type
        self.sample_rate_hz = audio_format.rate_for(sample_rate_in_hz, sample_rate_out_hz)
        self._outbox = outbox or Outbox()
        self._resampler = Resampler(sample_rate_in_hz, self.sample_rate_hz)
        writer = _WRITERS.get(audio_format.codec, LibavWriter)
        self._writer = writer(audio_format, self.sample_rate_hz, self._outbox, comment)

    def feed(self, samples: Samples) -> bytes:
        """Take float32 (n,); return the bytes that are ready, possibly none. NaN becomes 0, the rest is clipped."""
        self._write(self._resampler.feed(_bounded(samples)))
        return self._outbox.drain()

    def finish(self) -> bytes:
        """End the stream and return its last bytes; nothing may be fed after it."""
        self._write(self._resampler.finish())
        self._writer.close()
        return self._outbox.rest()

    def _write(self, samples: Samples) -> None:
        """Write what the resampler gave, which may overshoot."""
        self._writer.write(np.clip(samples, -1.0, 1.0))


def encode(sound: Sound, format_name: str, sample_rate_hz: int | None = None) -> bytes:
    """Return the sound as one file whose header knows its length; raises as Encoder does."""
    encoder = Encoder(format_name, sound.sample_rate_hz, sample_rate_hz, outbox=RewritableOutbox())
    return encoder.feed(sound.samples) + encoder.finish()


def encode_into(
    file: BinaryIO,
    pieces: Iterable[Samples],
    format_name: str,
    sample_rate_in_hz: int,
    sample_rate_out_hz: int | None = None,
    *,
    comment: str = "",
) -> None:
    """Write pieces of sound into an empty file that can seek, as `encode` would, in bounded memory.

    Raises as Encoder does, and OSError.
    """
    outbox = FileOutbox(file)
    encoder = Encoder(format_name, sample_rate_in_hz, sample_rate_out_hz, outbox=outbox, comment=comment)
    for piece in pieces:
        encoder.feed(piece)
    encoder.finish()


def _bounded(samples: Samples) -> Samples:
    """Return float32 within [-1, 1], with 0 for what is no number."""
    return np.nan_to_num(np.clip(samples.astype(np.float32, copy=False), -1.0, 1.0), copy=False)
