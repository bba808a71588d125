import io
import math
import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from shared.audio import AUDIO_FORMATS, AudioLimits, Encoder, Samples, Sound, encode, encode_into
from shared.audio.decoder import decode_here
from shared.problems import InvalidInput

# Signal over error in dB that a 440 Hz sine must keep. Companding gives 38 dB at best (ITU-T G.711).
LEAST_SNR_DB = {
    "wav": 80, "flac": 80, "pcm": 80, "mulaw": 33, "alaw": 33, "mp3": 40, "aac": 40, "opus": 30, "ogg_vorbis": 20,
}  # fmt: skip
HEADERLESS = ("pcm", "mulaw", "alaw")


def companded(data: bytes, name: str) -> NDArray[np.float64]:
    """Expand by the book (ITU-T G.711), with no codec of ours."""
    code = np.frombuffer(data, np.uint8).astype(int) ^ (0xFF if name == "mulaw" else 0x55)
    sign, exponent, mantissa = code & 0x80, code >> 4 & 7, code & 15
    if name == "mulaw":
        return ((2 * mantissa + 33 << exponent) - 33) * np.where(sign, -1, 1) * 4 / 32768
    linear = np.where(exponent == 0, 2 * mantissa + 1, (2 * mantissa + 33) << np.maximum(exponent - 1, 0))
    return linear * np.where(sign, 1, -1) * 8 / 32768


def read(data: bytes, name: str) -> NDArray[np.floating]:
    if name == "pcm":
        return np.frombuffer(data, "<i2") / 32768
    if name in HEADERLESS:
        return companded(data, name)
    return np.concatenate([block.samples for block in decode_here(data, AudioLimits())])


def streamed(samples: Samples, rate_hz: int, name: str, step: int) -> bytes:
    encoder = Encoder(name, rate_hz)
    pieces = [encoder.feed(samples[start : start + step]) for start in range(0, len(samples), step)]
    return b"".join(pieces) + encoder.finish()


def snr_db(got: NDArray[np.floating], frequency_hz: float, rate_hz: int) -> float:
    """Fit the best sine of that frequency to the middle of what came back; the rest is error."""
    middle = got[rate_hz // 5 : -rate_hz // 5]
    phase = 2 * np.pi * frequency_hz * np.arange(len(middle)) / rate_hz
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    fitted = basis @ np.linalg.lstsq(basis, middle, rcond=None)[0]
    return float(10 * np.log10(np.mean(fitted**2) / np.mean((middle - fitted) ** 2)))


@pytest.mark.parametrize("name", AUDIO_FORMATS)
@pytest.mark.parametrize("rate_hz", [16_000, 22_050])
def test_a_sine_stays_a_sine_across_many_feeds(name: str, rate_hz: int) -> None:
    sine = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate_hz * 2) / rate_hz)).astype(np.float32)
    out_hz = AUDIO_FORMATS[name].rate_for(rate_hz, None)
    got = read(streamed(sine, rate_hz, name, step=997), name)
    assert snr_db(got, 440, out_hz) > LEAST_SNR_DB[name]
    loudness = 0.95 if name == "mp3" else 1.0  # LAME turns everything down by 5 %, to keep from clipping
    assert np.sqrt(2 * np.mean(np.square(got[out_hz // 2 : out_hz]))) == pytest.approx(0.5 * loudness, rel=0.02)


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_many_feeds_give_what_one_gives(name: str, speech: Sound) -> None:
    one = streamed(speech.samples, speech.sample_rate_hz, name, step=len(speech.samples))
    many = streamed(speech.samples, speech.sample_rate_hz, name, step=1_234)
    tolerance = 5e-4  # Vorbis guesses from its first feed what was before
    assert np.allclose(read(one, name), read(many, name), atol=tolerance)


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_the_whole_file_has_exactly_the_length(name: str, speech: Sound) -> None:
    rate_hz = AUDIO_FORMATS[name].rate_for(speech.sample_rate_hz, None)
    wanted = len(speech.samples) * rate_hz / speech.sample_rate_hz
    got = len(read(encode(speech, name), name))
    delay = 1024 * 3 if name == "aac" else 0  # ADTS has no place to say how much priming to drop
    assert math.floor(wanted) <= got <= math.ceil(wanted) + delay


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_a_file_on_a_disk_is_the_same_as_one_in_memory(name: str, speech: Sound, tmp_path: Path) -> None:
    with (tmp_path / "sound").open("w+b") as file:
        encode_into(file, [speech.samples], name, speech.sample_rate_hz)
    assert (tmp_path / "sound").read_bytes() == encode(speech, name)


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_bytes_come_before_the_end(name: str, speech: Sound) -> None:
    """Half a second in, sound is already on its way; Vorbis fills a page of 4 KB first."""
    encoder = Encoder(name, speech.sample_rate_hz)
    seconds = 1.5 if name == "ogg_vorbis" else 0.5
    first = encoder.feed(speech.samples[: round(speech.sample_rate_hz * seconds)])
    assert len(first) > 1_000
    assert isinstance(encoder.finish(), bytes)


def test_the_streamed_wav_header_claims_no_length(speech: Sound) -> None:
    data = streamed(speech.samples, speech.sample_rate_hz, "wav", step=4_000)
    assert struct.unpack("<4sI4s4sIHHIIHH4sI", data[:44]) == (
        b"RIFF", 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16, b"data", 0xFFFFFFFF,
    )  # fmt: skip
    assert len(data) == 44 + 2 * len(speech.samples)


def test_the_whole_wav_and_flac_know_their_length(speech: Sound) -> None:
    with wave.open(io.BytesIO(encode(speech, "wav"))) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (len(speech.samples), 16_000, 1)
    stream_info = encode(speech, "flac")[8 : 8 + 34]
    assert int.from_bytes(stream_info[13:18], "big") & 0xFFFFFFFFF == len(speech.samples)


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_too_loud_and_no_numbers_do_no_harm(name: str) -> None:
    wild = np.tile(np.array([9.0, -9.0, np.nan, np.inf, -np.inf, 1e38, 0.0], np.float32), 3_000)
    got = read(streamed(wild, 16_000, name, step=5_000), name)
    assert np.isfinite(got).all()
    assert len(got) > 0


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_no_sound_at_all_still_ends(name: str) -> None:
    encoder = Encoder(name, 16_000)
    assert isinstance(encoder.feed(np.zeros(0, np.float32)) + encoder.finish(), bytes)


@pytest.mark.parametrize("name", AUDIO_FORMATS)
def test_every_rate_in_the_table_works(name: str) -> None:
    sound = Sound(np.zeros(4_000, np.float32), 16_000)
    for rate_hz in AUDIO_FORMATS[name].sample_rates_hz:
        data = encode(sound, name, rate_hz)
        if name not in HEADERLESS:
            rates = {block.sample_rate_hz for block in decode_here(data, AudioLimits())}
            assert rates == {rate_hz}


def test_unknown_formats_and_rates_are_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="wav, mp3, opus, aac, flac, ogg_vorbis, pcm, mulaw, alaw") as caught:
        Encoder("midi", 16_000)
    assert caught.value.param == "response_format"
    with pytest.raises(InvalidInput, match="48000"):
        Encoder("opus", 16_000, 16_000)


def test_media_types() -> None:
    assert {name: kind.media_type for name, kind in AUDIO_FORMATS.items()} == {
        "wav": "audio/wav", "mp3": "audio/mpeg", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac",
        "ogg_vorbis": "audio/ogg", "pcm": "audio/pcm", "mulaw": "audio/mulaw", "alaw": "audio/alaw",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in AUDIO_FORMATS if name not in HEADERLESS])
def test_a_comment_stands_at_the_front_of_what_is_streamed(name: str, speech: Sound) -> None:
    comment = "Synthetic speech of Zoë's voice, alice/3"
    encoder = Encoder(name, speech.sample_rate_hz, comment=comment)
    first = encoder.feed(speech.samples[: round(speech.sample_rate_hz * 1.5)])
    with av.open(io.BytesIO(first)) as file:
        metadata = {**file.metadata, **file.streams[0].metadata}
    assert {name.lower(): value for name, value in metadata.items()}["comment"] == comment
    data = first + encoder.feed(speech.samples[round(speech.sample_rate_hz * 1.5) :]) + encoder.finish()
    without = streamed(speech.samples, speech.sample_rate_hz, name, step=len(speech.samples))
    assert np.allclose(read(data, name), read(without, name), atol=5e-4)


@pytest.mark.parametrize("name", ["wav", "ogg_vorbis"])  # of flac it takes none for a comment, as some others do
def test_libsndfile_reads_the_comment_too(name: str, speech: Sound) -> None:
    encoder = Encoder(name, speech.sample_rate_hz, comment="by alice/3")
    data = encoder.feed(speech.samples) + encoder.finish()
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert file.comment == "by alice/3"


@pytest.mark.parametrize("name", HEADERLESS)
def test_bare_samples_have_no_place_for_a_comment(name: str, speech: Sound) -> None:
    encoder = Encoder(name, speech.sample_rate_hz, comment="by alice/3")
    data = encoder.feed(speech.samples) + encoder.finish()
    assert data == streamed(speech.samples, speech.sample_rate_hz, name, step=len(speech.samples))
