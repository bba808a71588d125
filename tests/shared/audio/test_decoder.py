"""The decoder in this very process: were it led astray here, no sandbox would hide it."""

import http.server
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.audio import AudioLimits, Samples, Sound, decoder, encode
from shared.audio.decoder import decode_here
from shared.problems import InvalidInput, Problem, TooLarge, UnsupportedMedia
from tests.sounds import FILE_FORMATS

LOSSLESS = ("wav", "flac", "alac")


def decode(data: bytes, limits: AudioLimits | None = None, sample_rate_hz: int | None = None) -> Sound:
    blocks = list(decode_here(data, limits or AudioLimits(), sample_rate_hz=sample_rate_hz))
    assert len({block.sample_rate_hz for block in blocks}) == 1
    return Sound(np.concatenate([block.samples for block in blocks]), blocks[0].sample_rate_hz)


def riff(
    tag: int, bits: int, values: bytes, channels: int = 1, rate_hz: int = 16_000, size: int | None = None
) -> bytes:
    """Return a wav file; `size` is what its header says of the data, if not the truth."""
    step = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * step & 0xFFFFFFFF, step & 0xFFFF, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size or len(values)) + values
    return b"RIFF" + struct.pack("<I", size or len(body)) + body


def best_match(got: Samples, wanted: Samples) -> float:
    """Return the highest normalised correlation over all shifts."""
    size = 1 << (len(got) + len(wanted)).bit_length()
    product = np.fft.irfft(np.fft.rfft(got, size) * np.conj(np.fft.rfft(wanted, size)))
    return float(product.max() / np.sqrt(np.sum(got**2.0) * np.sum(wanted**2.0)))


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_speech_survives_every_kind_of_file(name: str, files: dict[str, bytes], speech: Sound) -> None:
    got = decode(files[name], sample_rate_hz=speech.sample_rate_hz)
    assert got.sample_rate_hz == speech.sample_rate_hz
    assert got.samples.dtype == np.float32
    assert 0 <= got.seconds - speech.seconds < 0.15
    assert best_match(got.samples, speech.samples) > (0.9999 if name in LOSSLESS else 0.96)


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_the_files_own_rate_is_the_default(name: str, files: dict[str, bytes]) -> None:
    wanted = {"mp3": 24_000, "aac": 24_000, "ogg_vorbis": 24_000, "opus": 48_000, "webm": 48_000}.get(name, 16_000)
    assert decode(files[name]).sample_rate_hz == wanted


def as_int(values: NDArray[np.float64], bits: int) -> bytes:
    scaled = np.rint(values * (2 ** (bits - 1) - 1)).astype(np.int64)
    if bits == 8:
        return (scaled + 128).astype(np.uint8).tobytes()
    return scaled.astype("<i8").view(np.uint8).reshape(-1, 8)[:, : bits // 8].tobytes()


@pytest.mark.parametrize("bits", [8, 16, 24, 32, 64])
def test_wav_of_whole_numbers(bits: int) -> None:
    sine = 0.5 * np.sin(np.arange(16_000) / 20)
    got = decode(riff(1, bits, as_int(sine, bits)))
    assert np.abs(got.samples - sine).max() < (0.01 if bits == 8 else 1e-4)


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
def test_wav_of_floats_is_clipped_at_full_scale(dtype: str) -> None:
    values = np.array([0.5, -0.25, 1.0, 7.0, -1e30, 0.0] * 1_000).astype(dtype)
    got = decode(riff(3, 8 * values.itemsize, values.tobytes()))
    assert got.samples[:6].tolist() == [0.5, -0.25, 1.0, 1.0, -1.0, 0.0]


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
@pytest.mark.parametrize("intruder", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_finite_numbers_are_refused(dtype: str, intruder: float) -> None:
    values = np.zeros(20_000, dtype)
    values[12_345] = intruder
    with pytest.raises(UnsupportedMedia, match="finite"):
        decode(riff(3, 8 * values.itemsize, values.tobytes()))


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8, 9, 64, 101])
def test_channels_are_averaged_up_to_the_limit(channels: int) -> None:
    levels = np.arange(1, channels + 1) / (2 * channels)
    data = riff(1, 16, as_int(np.tile(levels, 4_000), 16), channels)
    if channels > 8:
        with pytest.raises(TooLarge, match="8 channels"):
            decode(data)
    got = decode(data, AudioLimits(max_channels=200))
    assert len(got.samples) == 4_000
    assert np.allclose(got.samples, levels.mean(), atol=1e-4)


@pytest.mark.parametrize(
    ("codec", "muxer", "layout"),
    [("flac", "flac", "7.1"), ("aac", "adts", "7.1"), ("flac", "matroska", "stereo"), ("aac", "mp4", "5.1")],
)
def test_channels_in_planes_are_averaged(
    codec: str, muxer: str, layout: str, make_container: Callable[..., bytes]
) -> None:
    """Eight planes are where PyAV's own conversion reads a plane that is not there."""
    count = {"stereo": 2, "5.1": 6, "7.1": 8}[layout]
    planes = 0.4 * np.sin(np.arange(48_000) / 20)[np.newaxis] * np.arange(1, count + 1)[:, np.newaxis] / count
    got = decode(make_container(planes, 48_000, muxer, codec, layout))
    assert best_match(got.samples, planes.mean(axis=0).astype(np.float32)) > 0.97


@pytest.mark.parametrize("rate_hz", [1, 100, 3_999, 192_001, 768_000, 0x7FFFFFFF])
def test_rates_out_of_range_are_refused(rate_hz: int) -> None:
    with pytest.raises(UnsupportedMedia):
        decode(riff(1, 16, bytes(4_000), rate_hz=rate_hz))


@pytest.mark.parametrize("rate_hz", [4_000, 11_025, 192_000])
def test_rates_in_range_are_converted(rate_hz: int) -> None:
    got = decode(riff(1, 16, bytes(2 * rate_hz), rate_hz=rate_hz), sample_rate_hz=16_000)
    assert got.seconds == pytest.approx(1.0, abs=1e-3)


def test_a_rate_that_changes_within_the_file(speech: Sound) -> None:
    data = encode(speech, "aac", 16_000) + encode(speech, "aac", 48_000)
    got = decode(data)
    assert got.sample_rate_hz == 16_000
    assert got.seconds == pytest.approx(2 * speech.seconds, abs=0.4)


def test_lying_headers(speech: Sound) -> None:
    values = as_int(speech.samples.astype(float), 16)
    for size in (1 << 31, 0xFFFFFFFF):
        assert decode(riff(1, 16, values, size=size)).samples == pytest.approx(speech.samples, abs=1e-4)
    short = decode(riff(1, 16, values, size=2_000))
    assert len(short.samples) == 1_000
    for data in (riff(1, 16, b""), riff(1, 0, values), riff(1, 16, values, channels=0), riff(0x1234, 16, values)):
        with pytest.raises(Problem):
            decode(data)


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_truncated_files_give_what_they_hold(name: str, files: dict[str, bytes]) -> None:
    data = files[name]
    whole = decode(data).seconds
    lengths = []
    for percent in range(1, 100, 5):
        try:
            lengths.append(decode(data[: len(data) * percent // 100]).seconds)
        except UnsupportedMedia:
            lengths.append(0.0)
    assert lengths == sorted(lengths)
    assert lengths[-1] <= whole + 0.1  # a streamed form may lose the word on how much padding to drop
    if name not in ("m4a", "alac"):  # their index stands at the end
        assert lengths[-1] > 0.85 * whole
        assert lengths[10] > 0.3 * whole  # Vorbis comes in pages of a second


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_headers_without_audio_are_refused(name: str, files: dict[str, bytes]) -> None:
    for length in (1, 4, 12, 13, 30):
        with pytest.raises(UnsupportedMedia):
            decode(files[name][:length])
    with pytest.raises(InvalidInput):
        decode(b"")


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_each_limit_is_named(name: str, files: dict[str, bytes], speech: Sound) -> None:
    data = files[name]
    for limits, limit in (
        (AudioLimits(max_seconds=1.5), 1.5),
        (AudioLimits(max_samples=20_000), 20_000),
        (AudioLimits(max_bytes=999), 999),
    ):
        with pytest.raises(TooLarge) as caught:
            decode(data, limits)
        assert caught.value.extensions == {"limit": limit}
    assert decode(data, AudioLimits(max_seconds=speech.seconds + 0.15)).seconds > 0


def test_codecs_that_we_do_not_name_are_refused(make_container: Callable[..., bytes]) -> None:
    with pytest.raises(UnsupportedMedia):
        decode(make_container(np.zeros(48_000, np.float32), 48_000, "matroska", "ac3"))


def test_encrypted_files_are_refused(mp4: Callable[..., bytes]) -> None:
    assert decode(mp4()).sample_rate_hz == 8_000
    for entry in (b"enca", b"drms"):
        with pytest.raises(UnsupportedMedia):
            decode(mp4(entry=entry))


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """A server on the loopback that writes down who comes."""
    visits: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, visits
        server.shutdown()


def lures(url: str, path: Path, mp4: Callable[..., bytes]) -> Iterator[bytes]:
    """Yield files that want another file or host opened, bare and behind the first bytes of audio."""
    texts = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {url}\n",
        f"ffconcat version 1.0\nfile {path}\n",
        f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>{url}</BaseURL></Period></MPD>',
        f"v=0\nc=IN IP4 127.0.0.1\nu={url}\nm=audio 5004 RTP/AVP 0\n",
        f"[playlist]\nFile1={url}\n",
        f"<SMIL><audio src='{url}'/></SMIL>",
    ]
    magics = [b"", b"RIFF\xff\xff\xff\x7fWAVE", b"RIFF\xff\xff\xff\x7fAVI ", b"fLaC", b"OggS\0", b"\x1a\x45\xdf\xa3",
              b"\0\0\0\x10ftypM4A \0\0\0\0", b"ID3\4\0\0\0\0\0\0", b"\xff\xfb\x90\0", b"\xff\xf1\x50\x80"]  # fmt: skip
    for text in texts:
        yield from (magic + text.encode() for magic in magics)
    for kind, target in ((b"url ", url), (b"url ", path), (b"alis", path), (b"urn ", url)):
        reference = struct.pack(">I4s", 12 + len(str(target)) + 1, kind) + bytes(4) + str(target).encode() + b"\0"
        yield mp4(reference=reference)
    yield mp4(reference=alias(path))


def alias(path: Path) -> bytes:
    """Return a QuickTime alias with an absolute path (record type 2), which libav would follow if it were let."""
    name = str(path).encode()
    name += b"\0" * (len(name) % 2)
    body = bytes(150) + struct.pack(">HH", 2, len(name)) + name + struct.pack(">HH", 0xFFFF, 0)
    return struct.pack(">I4s", 12 + len(body), b"alis") + bytes(4) + body


@pytest.mark.parametrize("drefs", ["0", "1"])
def test_no_file_leads_to_other_files_or_hosts(
    drefs: str,
    canary: tuple[int, list[str]],
    tmp_path: Path,
    speech: Sound,
    mp4: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With libav's references off, which is its default, and even with them on: the second wall."""
    monkeypatch.setattr(decoder, "_OPTIONS", {**decoder._OPTIONS, "enable_drefs": drefs, "use_absolute_path": drefs})
    asked: list[str] = []
    refuse = decoder._refuse_other_files
    monkeypatch.setattr(decoder, "_refuse_other_files", lambda url, *rest: (asked.append(url), refuse(url, *rest)))
    port, visits = canary
    secret = tmp_path / "secret.wav"
    secret.write_bytes(encode(speech, "wav"))
    for data in lures(f"http://127.0.0.1:{port}/secret.wav", secret, mp4):
        try:
            got = decode(data)
        except Problem:
            continue
        assert got.sample_rate_hz == 8_000  # the crafted file's own noise
        assert len(got.samples) == 1_000
    assert visits == []
    assert bool(asked) == (drefs == "1")


def mutants(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield copies with bytes changed (more often in the headers), runs removed, doubled or zeroed."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        mutant = bytearray(data[: random.integers(2_000, 20_000)])
        for _ in range(random.integers(1, 20)):
            at = int(random.integers(4, min(len(mutant), int(random.choice([200, len(mutant)])))))
            run = int(random.integers(1, 16))
            match random.integers(4):
                case 0:
                    mutant[at : at + run] = random.bytes(run)
                case 1:
                    del mutant[at : at + run]
                case 2:
                    mutant[at:at] = mutant[at : at + run]
                case _:
                    mutant[at : at + run] = bytes([int(random.choice([0, 255]))]) * run
        yield bytes(mutant)


def check_mutants(data: bytes, count: int, seed: int) -> None:
    limits = AudioLimits(max_seconds=30, max_samples=3_000_000)
    for mutant in mutants(data, count, seed):
        try:
            got = decode(mutant, limits, sample_rate_hz=16_000)
        except Problem:
            continue
        assert np.abs(got.samples).max(initial=0.0) < 4
        assert got.seconds < 31


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_mutants_are_decoded_or_refused(name: str, files: dict[str, bytes]) -> None:
    check_mutants(files[name], count=25, seed=1)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", FILE_FORMATS)
def test_many_mutants_are_decoded_or_refused(name: str, seed: int, files: dict[str, bytes]) -> None:
    check_mutants(files[name], count=150, seed=1_000 + seed)


def test_megabytes_of_junk_behind_a_magic_are_refused_soon() -> None:
    junk = np.random.default_rng(3).bytes(4_000_000)
    for magic in (
        b"RIFF\xff\xff\xff\x7fWAVE",
        b"fLaC",
        b"OggS",
        b"\x1a\x45\xdf\xa3",
        b"\0\0\0\x10ftypM4A ",
        b"",
        b"ID3",
    ):
        with pytest.raises(Problem):
            decode(magic + junk)
