"""The two libraries that write audio files, behind one small interface."""

from typing import Protocol, cast

import av
import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from shared.audio.formats import AudioFormat
from shared.audio.ogg import Renumbered
from shared.audio.outboxes import AnyOutbox
from shared.audio.sound import Samples

_SLICE_SAMPLES = 1 << 15


class Writer(Protocol):
    """Writes one stream of mono sound into an outbox."""

    def write(self, samples: Samples) -> None:
        """Append float32 (n,) within [-1, 1]."""

    def close(self) -> None:
        """Flush the codec and end the file."""


class LibavWriter(Writer):
    """All formats but Vorbis, for which libav has no good encoder."""

    def __init__(self, audio_format: AudioFormat, sample_rate_hz: int, outbox: AnyOutbox, comment: str = "") -> None:
        options = {"flush_packets": "1", "fflags": "+bitexact", **audio_format.options}
        options |= audio_format.comment_options if comment else {}
        self._container = av.open(outbox, "w", format=audio_format.muxer, options=options)
        self._container.metadata.update({"comment": comment} if comment else {})
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

    def __init__(self, audio_format: AudioFormat, sample_rate_hz: int, outbox: AnyOutbox, comment: str = "") -> None:
        kind = {"format": audio_format.muxer, "subtype": audio_format.codec}
        self._file = soundfile.SoundFile(Renumbered(outbox), "w", sample_rate_hz, channels=1, **kind)
        if comment:
            self._file.comment = comment

    def write(self, samples: Samples) -> None:
        """Append float32 (n,) within [-1, 1], in slices as libsndfile's Vorbis keeps a whole write on its stack."""
        for start in range(0, len(samples), _SLICE_SAMPLES):
            self._file.write(samples[start : start + _SLICE_SAMPLES])

    def close(self) -> None:
        """Flush the codec and end the file."""
        self._file.close()
