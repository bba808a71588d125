"""Sounds for tests, and every kind of file that the product reads made from them."""

import asyncio
import io
from fractions import Fraction

import av
import numpy as np

from services.tts.engines.flite import Flite
from services.tts.speech import SpokenWord, Utterance
from shared.audio import Samples, Sound, encode

RATE_HZ = 16_000
FILE_FORMATS = ("wav", "mp3", "opus", "aac", "flac", "ogg_vorbis", "m4a", "alac", "webm")
TEXT = "The quick brown fox could not believe how quiet the old house was, and so it sang."


def spoken(voice: str, text: str = TEXT) -> Sound:
    """Return speech at 16 kHz, three seconds and more of `TEXT`; `slt` is a woman's voice, `rms` a man's."""

    async def speak() -> Sound:
        engine = Flite()
        try:
            speech = await engine.speak(Utterance(tuple(map(SpokenWord, text.split())), voice, "en-us"))
        finally:
            await engine.close()
        return Sound(speech.samples, speech.sample_rate_hz)

    return asyncio.run(speak())


def buzz(pitch_hz: float, seconds: float, level: float = 0.3) -> Sound:
    """Return a buzz, which has a pitch and overtones as a voice does."""
    phase = 2 * np.pi * pitch_hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    overtones = sum(np.sin(number * phase) / number for number in range(1, 8))
    return Sound((level * overtones / 2).astype(np.float32), RATE_HZ)


def silence(seconds: float) -> Sound:
    """Return digital silence."""
    return Sound(np.zeros(round(seconds * RATE_HZ), np.float32), RATE_HZ)


def files_of(sound: Sound) -> dict[str, bytes]:
    """Return `sound` in every one of `FILE_FORMATS`."""
    written = {name: encode(sound, name) for name in ("wav", "mp3", "opus", "aac", "flac", "ogg_vorbis")}
    return {
        **written,
        "m4a": container(sound.samples, sound.sample_rate_hz, "mp4", "aac"),
        "alac": container(sound.samples, sound.sample_rate_hz, "ipod", "alac"),
        "webm": container(sound.samples, sound.sample_rate_hz, "webm", "libopus"),
    }


def container(samples: Samples, rate_hz: int, muxer: str, codec: str, layout: str = "mono") -> bytes:
    """Write a file of a kind that the product reads but does not write; `samples` (n,) or (channels, n)."""
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as output:
        stream = output.add_stream(codec, rate_hz, layout=layout)
        kind = stream.codec_context.format.name.replace("s32", "s16")
        stream.codec_context.format = kind
        planes = np.atleast_2d(samples)
        frame = av.AudioFrame(kind, layout, planes.shape[1])
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
        values = planes if kind.endswith("p") else planes.T.reshape(1, -1)
        for plane, row in zip(frame.planes, values, strict=False):
            whole = np.rint(row * 32767).astype(np.int16) if kind.startswith("s16") else row.astype(np.float32)
            plane.update(whole.tobytes())
        output.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()
