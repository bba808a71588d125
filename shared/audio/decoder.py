"""Audio files to blocks of mono sound with libav, in this process; `decode` runs it in a locked child.

libav gets the bytes in memory, the container's name from us, no protocols, only the codecs named here, and one thread.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Never, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from shared.audio.limits import AudioLimits, Meter
from shared.audio.mono import SAMPLE_FORMATS, mono
from shared.audio.resample import at_rate
from shared.audio.sound import Samples, Sound
from shared.problems import UnsupportedMedia
from shared.sniff import find_container

_PCM_KINDS: Final = "u8 s16le s16be s24le s24be s32le s32be s64le f32le f32be f64le f64be mulaw alaw"
_CODECS: Final = frozenset(
    ["mp3", "mp3float", "flac", "vorbis", "opus", "libopus", "aac", "alac", "adpcm_ms", "adpcm_ima_wav"]
    + [f"pcm_{kind}" for kind in _PCM_KINDS.split()]
)
_OPTIONS: Final = {
    "codec_whitelist": ",".join(sorted(_CODECS)),
    "protocol_whitelist": "none",
    "max_streams": "16",
    "max_samples": "262144",  # in one frame; the largest honest one has 65,535 (flac)
    "threads": "1",
}
_ENCRYPTED_TAGS: Final = frozenset(["enca", "drms", "aavd", "p608"])
_MOST_PLANES: Final = 8  # PyAV reads past libav's table of planes beyond that
_BATCH_SAMPLES: Final = 1 << 16
_LIBAV_ERRORS: Final = (av.FFmpegError, OSError, ValueError, RuntimeError, MemoryError)


@dataclass(frozen=True)
class _Kind:
    """What must be equal for frames to be handled together."""

    sample_format: str
    channels: int
    sample_rate_hz: int

    @staticmethod
    def of(frame: AudioFrame) -> "_Kind":
        return _Kind(frame.format.name, frame.layout.nb_channels, frame.sample_rate)


def decode_here(data: bytes, limits: AudioLimits, *, sample_rate_hz: int | None = None) -> Iterator[Sound]:
    """Yield the file as mono blocks, all at `sample_rate_hz` (default: the rate the file begins with).

    Channels are averaged; samples beyond full scale are clipped to [-1, 1]. A truncated or partly damaged file gives
    what of it decodes. Raises InvalidInput (empty), UnsupportedMedia (not ours, encrypted, nothing decodes, samples
    that are not finite) and TooLarge (a limit was hit; decoding stops right there).
    """
    limits.check_bytes(len(data))
    yield from at_rate(_native_blocks(data, limits), sample_rate_hz)


def _native_blocks(data: bytes, limits: AudioLimits) -> Iterator[Sound]:
    """Yield mono blocks at the file's own rate, which may change within the file."""
    with _opened(data) as container:
        frames = _counted(_frames(container, _audio_stream(container)), Meter(limits))
        for kind, same in groupby(frames, _Kind.of):
            for batch in _batches(same):
                yield Sound(_mono(batch, kind), kind.sample_rate_hz)


def _opened(data: bytes) -> InputContainer:
    demuxer, start = find_container(data)
    file = io.BytesIO(data[start:])
    try:
        return av.open(
            file, "r", format=demuxer, options=_OPTIONS, metadata_errors="replace", io_open=_refuse_other_files
        )
    except _LIBAV_ERRORS as error:
        raise UnsupportedMedia(f"The file begins like {demuxer} but cannot be read.") from error


def _refuse_other_files(url: str, flags: int, options: dict[str, str]) -> Never:
    raise PermissionError("audio may not lead to other files")


def _audio_stream(container: InputContainer) -> AudioStream:
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream):
        raise UnsupportedMedia("The file holds no audio.")
    if stream.codec_context is None or stream.codec_context.codec.name not in _CODECS:
        raise UnsupportedMedia("The file's audio is in a coding that is not supported.")
    if stream.codec_context.codec_tag in _ENCRYPTED_TAGS:
        raise UnsupportedMedia("The file is encrypted.")
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_samples": _OPTIONS["max_samples"]}
    return stream


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yield what decodes: a damaged packet costs only itself, a damaged container the rest."""
    with suppress(*_LIBAV_ERRORS):
        for packet in container.demux(stream):
            if packet.has_sidedata("encryption_info"):
                raise UnsupportedMedia("The file is encrypted.")
            with suppress(*_LIBAV_ERRORS):
                yield from packet.decode()


def _counted(frames: Iterable[AudioFrame], meter: Meter) -> Iterator[AudioFrame]:
    for frame in frames:
        meter.count(frame.samples, frame.layout.nb_channels, frame.sample_rate)
        yield frame


def _batches(frames: Iterable[AudioFrame]) -> Iterator[list[AudioFrame]]:
    """Gather frames, as numpy costs more for each call than a codec's frame is worth."""
    batch: list[AudioFrame] = []
    waiting = 0
    for frame in frames:
        batch.append(frame)
        waiting += frame.samples
        if waiting >= _BATCH_SAMPLES:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch


def _mono(frames: list[AudioFrame], kind: _Kind) -> Samples:
    """Return the mean of the frames' channels, float32 (n,) within [-1, 1]."""
    sample_format = kind.sample_format.removesuffix("p")
    dtype, *_ = SAMPLE_FORMATS[sample_format]
    return mono(np.concatenate([_planes(frame, kind, dtype) for frame in frames], axis=1), sample_format)


def _planes(frame: AudioFrame, kind: _Kind, dtype: type[np.number]) -> NDArray[np.number]:
    """Return one frame's samples in libav's own dtype, shape (channels, n)."""
    planar = kind.sample_format.endswith("p")
    if planar and kind.channels > _MOST_PLANES:
        raise UnsupportedMedia(f"More than {_MOST_PLANES} channels are not supported in this coding.")
    count = frame.samples if planar else frame.samples * kind.channels
    views = [memoryview(cast(bytes, plane)) for plane in frame.planes[: kind.channels if planar else 1]]
    planes = [np.frombuffer(view, dtype, count) for view in views]
    return np.stack(planes) if planar else planes[0].reshape(-1, kind.channels).T
