"""The two libraries that write audio files, behind one small interface, and the box they write into."""

import io
from typing import Protocol, cast

import av
import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from shared.audio.formats import AudioFormat
from shared.audio.sound import Samples

_SLICE_SAMPLES = 1 << 15


class Outbox(io.RawIOBase):
    """A file that only grows at its end; `drain` hands out what has come since the last time."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        """Say yes, as libav asks."""
        return True

    def write(self, data: object) -> int:
        """Append bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Stay at the end, which is all that libsndfile asks for."""
        return self._position

    def drain(self) -> bytes:
        """Return the bytes not handed out yet."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data

    def rest(self) -> bytes:
        """Return the last bytes of a file that has ended."""
        return self.drain()


class RewritableOutbox(io.BytesIO):
    """A file whose header is written again when its length is known, so nothing leaves before the end."""

    def drain(self) -> bytes:
        """Return nothing yet."""
        return b""

    def rest(self) -> bytes:
        """Return the whole file."""
        return self.getvalue()


class Writer(Protocol):
    """Writes one stream of mono sound into an outbox."""

    def write(self, samples: Samples) -> None:
        """Append float32 (n,) within [-1, 1]."""

    def close(self) -> None:
        """Flush the codec and end the file."""


class LibavWriter(Writer):
    """All formats but Vorbis, for which libav has no good encoder."""

    def __init__(self, audio_format: AudioFormat, sample_rate_hz: int, outbox: Outbox | RewritableOutbox) -> None:
        options = {"flush_packets": "1", "fflags": "+bitexact", **audio_format.options}
        self._container = av.open(outbox, "w", format=audio_format.muxer, options=options)
        self._stream = cast(AudioStream, self._container.add_stream(audio_format.codec, sample_rate_hz))
        context = self._stream.codec_context
        context.layout, context.format = "mono", audio_format.sample_format
        context.thread_count = 1
        if bit_rate := audio_format.bit_rate(sample_rate_hz):
            context.bit_rate = bit_rate
        self._sample_format = audio_format.sample_format
        self._written = 0
        self._container.start_encoding()

    def write(self, samples: Samples) -> None:
        """Append float32 (n,) within [-1, 1]."""
        for start in range(0, len(samples), _SLICE_SAMPLES):
            self._mux(self._frame(samples[start : start + _SLICE_SAMPLES]))

    def close(self) -> None:
        """Flush the codec and end the file."""
        self._mux(None)
        self._container.close()

    def _mux(self, frame: AudioFrame | None) -> None:
        self._container.mux(self._stream.encode(frame))

    def _frame(self, samples: Samples) -> AudioFrame:
        whole = self._sample_format == "s16"
        values = np.rint(samples * 32767).astype(np.int16) if whole else np.ascontiguousarray(samples)
        frame = AudioFrame.from_ndarray(cast(Samples, values[np.newaxis]), self._sample_format, "mono")
        frame.sample_rate, frame.pts = self._stream.sample_rate, self._written
        frame.time_base = self._stream.codec_context.time_base
        self._written += len(samples)
        return frame


class LibsndfileWriter(Writer):
    """Ogg Vorbis."""

    def __init__(self, audio_format: AudioFormat, sample_rate_hz: int, outbox: Outbox | RewritableOutbox) -> None:
        kind = {"format": audio_format.muxer, "subtype": audio_format.codec}
        self._file = soundfile.SoundFile(outbox, "w", sample_rate_hz, channels=1, **kind)

    def write(self, samples: Samples) -> None:
        """Append float32 (n,) within [-1, 1], in slices as libsndfile's Vorbis keeps a whole write on its stack."""
        for start in range(0, len(samples), _SLICE_SAMPLES):
            self._file.write(samples[start : start + _SLICE_SAMPLES])

    def close(self) -> None:
        """Flush the codec and end the file."""
        self._file.close()
