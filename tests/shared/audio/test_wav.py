"""Plain wav files read in this process, held against what the decoder makes of the same bytes."""

import importlib
import os
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from shared.audio import AudioLimits, Sound, decode
from shared.audio.decoder import decode_here
from shared.audio.resample import at_rate
from shared.audio.wav import plain_wav
from shared.problems import Problem, TimedOut, TooLarge, UnsupportedMedia

LIMITS = AudioLimits()
KINDS = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)]
GUID_REST = bytes.fromhex("000000001000800000aa00389b71")
WHOLE = -1
"""A length that is the truth."""


def form(
    tag: int = 1, bits: int = 16, channels: int = 1, rate_hz: int = 16_000, step: int | None = None, rest: bytes = b""
) -> bytes:
    step = channels * bits // 8 if step is None else step
    return struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * step & 0xFFFFFFFF, step & 0xFFFF, bits) + rest


def extensible(tag: int, bits: int, channels: int = 1, rate_hz: int = 16_000, mask: int = 0, valid: int = 0) -> bytes:
    rest = struct.pack("<HHIH", 22, valid or bits, mask, tag) + GUID_REST
    return form(0xFFFE, bits, channels, rate_hz, rest=rest)


def chunk(name: bytes, content: bytes, size: int = WHOLE) -> bytes:
    size = len(content) if size == WHOLE else size
    return name + struct.pack("<I", size) + content + b"\0" * (size % 2)


def riff(*chunks: bytes, magic: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body)) + body


def values(tag: int, bits: int, count: int = 4_000) -> bytes:
    random = np.random.default_rng(bits)
    if tag == 3:
        return random.uniform(-1.2, 1.2, count).astype(f"<f{bits // 8}").tobytes()
    return random.bytes(count * bits // 8)


Outcome = tuple[type, object, bytes]


def outcome(blocks: Callable[[], Iterator[Sound]]) -> Outcome:
    """Return rate and samples, or the problem and its limit."""
    try:
        sounds = list(blocks())
    except Problem as problem:
        return type(problem), problem.extensions, b""
    return Sound, sounds[0].sample_rate_hz, np.concatenate([sound.samples for sound in sounds]).tobytes()


def both(
    data: bytes, limits: AudioLimits = LIMITS, sample_rate_hz: int | None = None
) -> tuple[Outcome, Outcome] | None:
    wav = plain_wav(data)
    if wav is None:
        return None
    return (
        outcome(lambda: at_rate(wav.blocks(limits), sample_rate_hz)),
        outcome(lambda: decode_here(data, limits, sample_rate_hz=sample_rate_hz)),
    )


class TestAreReadHere:
    @pytest.mark.parametrize(("tag", "bits"), KINDS)
    @pytest.mark.parametrize("channels", [1, 2, 3, 8])
    @pytest.mark.parametrize("sample_rate_hz", [None, 44_100])
    def test_every_kind_of_sample(self, tag: int, bits: int, channels: int, sample_rate_hz: int | None) -> None:
        for described in (
            form(tag, bits, channels),
            form(tag, bits, channels, rest=b"\0\0"),
            extensible(tag, bits, channels, mask=3),
        ):
            found = both(
                riff(chunk(b"fmt ", described), chunk(b"data", values(tag, bits, 5_000 * channels))),
                sample_rate_hz=sample_rate_hz,
            )
            assert found is not None
            ours, decoders = found
            assert ours[0] is Sound
            assert ours == decoders

    @pytest.mark.parametrize("sample_rate_hz", [None, 16_000])
    def test_more_than_one_block(self, sample_rate_hz: int | None) -> None:
        data = riff(chunk(b"fmt ", form(rate_hz=22_050)), chunk(b"data", values(1, 16, 200_001)))
        found = both(data, sample_rate_hz=sample_rate_hz)
        assert found is not None
        assert found[0] == found[1]

    @pytest.mark.parametrize("size", [0, 8_001, 1 << 31, 0xFFFFFFFE, 0xFFFFFFFF])
    def test_lengths_that_lie(self, size: int) -> None:
        found = both(riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16), size)))
        assert found is not None
        assert found[0][0] is Sound
        assert found[0] == found[1]

    @pytest.mark.parametrize("cut", [1, 2, 3, 100, 7_999])
    def test_cut_off(self, cut: int) -> None:
        found = both(riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16)))[:-cut])
        assert found is not None
        assert found[0] == found[1]

    @pytest.mark.parametrize("name", [b"LIST", b"fact", b"JUNK", b"junk", b"PEAK", b"FLLR"])
    @pytest.mark.parametrize("length", [4, 5, 300])
    def test_chunks_without_sound(self, name: bytes, length: int) -> None:
        other = chunk(name, b"INFO" + bytes(length - 4))
        data = riff(other, chunk(b"fmt ", form()), other, chunk(b"data", values(1, 16)), other, other)
        found = both(data)
        assert found is not None
        assert len(found[0][2]) == 4 * 4_000
        assert found[0] == found[1]

    def test_silence_of_no_length_holds_no_audio(self) -> None:
        found = both(riff(chunk(b"fmt ", form()), chunk(b"data", b"")))
        assert found is not None
        assert found[0] == found[1] == (UnsupportedMedia, {}, b"")

    def test_no_child_is_needed(self, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> None:
        monkeypatch.setattr(importlib.import_module("shared.audio.decode"), "serve_one", os.abort)
        assert decode(files["wav"], LIMITS, sample_rate_hz=8_000).sample_rate_hz == 8_000
        with pytest.raises(UnsupportedMedia):
            decode(files["flac"], LIMITS)


class TestAreLeftToTheDecoder:
    @pytest.mark.parametrize(
        "data",
        [
            riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16)), magic=b"RF64"),
            riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16)), magic=b"RIFX"),
            b"ID3\4\0\0\0\0\0\0" + riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form(7, 8)), chunk(b"data", values(1, 8))),
            riff(chunk(b"fmt ", form(1, 64)), chunk(b"data", values(1, 64))),
            riff(chunk(b"fmt ", form(1, 12)), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form(1, 24, step=4)), chunk(b"data", values(1, 32))),
            riff(chunk(b"fmt ", extensible(1, 24, valid=20)), chunk(b"data", values(1, 24))),
            riff(chunk(b"fmt ", form(channels=9)), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form(rest=b"\2\0\1\0")), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16)), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form()), chunk(b"fmt ", form(3, 32)), chunk(b"data", values(1, 16))),
            riff(chunk(b"data", values(1, 16)), chunk(b"fmt ", form())),
            riff(chunk(b"fmt ", form(1, 8)), chunk(b"data", values(1, 8, 999)), chunk(b"LIST", b"INFO")),
            riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16)), chunk(b"SMV0", bytes(40))),
            riff(chunk(b"LIST", b""), chunk(b"fmt ", form()), chunk(b"data", values(1, 16))),
            riff(*[chunk(b"JUNK", bytes(4))] * 40, chunk(b"fmt ", form()), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form()), chunk(b"data", bytes(1_000) + b"\x72\xf8\x1f\x4e" + bytes(1_000))),
            riff(chunk(b"fmt ", form()[:15]), chunk(b"data", values(1, 16))),
            riff(chunk(b"fmt ", form()), chunk(b"data", values(1, 16), 2_000)),
            riff(chunk(b"fmt ", form())),
            riff(),
            b"",
        ],
    )
    def test_what_is_unusual(self, data: bytes) -> None:
        assert plain_wav(data) is None

    @pytest.mark.parametrize("name", ["mp3", "aac"])
    def test_coded_sound_in_samples_clothes(self, name: str, files: dict[str, bytes]) -> None:
        data = riff(chunk(b"fmt ", form()), chunk(b"data", files[name]))
        assert plain_wav(data) is None
        assert decode(data, LIMITS).seconds > 3


class TestLimits:
    @pytest.mark.parametrize(
        ("limits", "limit"), [(AudioLimits(max_seconds=1.5), 1.5), (AudioLimits(max_samples=20_000), 20_000)]
    )
    def test_each_is_named_as_the_decoder_names_it(
        self, limits: AudioLimits, limit: float, files: dict[str, bytes]
    ) -> None:
        found = both(files["wav"], limits)
        assert found is not None
        assert found[0] == found[1] == (TooLarge, {"limit": limit}, b"")

    @pytest.mark.parametrize("rate_hz", [0, 1, 3_999, 192_001, 0x7FFFFFFF, 0xFFFFFFFF])
    def test_rates_out_of_range(self, rate_hz: int) -> None:
        found = both(riff(chunk(b"fmt ", form(rate_hz=rate_hz)), chunk(b"data", values(1, 16))))
        assert found is not None
        assert found[0] == found[1] == (UnsupportedMedia, {}, b"")

    def test_channels(self) -> None:
        data = riff(chunk(b"fmt ", form(channels=3)), chunk(b"data", values(1, 16)))
        with pytest.raises(TooLarge, match="2 channels"):
            decode(data, AudioLimits(max_channels=2))

    @pytest.mark.parametrize("bits", [32, 64])
    @pytest.mark.parametrize("intruder", [np.nan, np.inf, -np.inf])
    def test_samples_that_are_no_finite_numbers(self, bits: int, intruder: float) -> None:
        samples = np.zeros(20_000, f"<f{bits // 8}")
        samples[12_345] = intruder
        with pytest.raises(UnsupportedMedia, match="finite"):
            decode(riff(chunk(b"fmt ", form(3, bits)), chunk(b"data", samples.tobytes())), LIMITS)

    def test_time(self, files: dict[str, bytes]) -> None:
        with pytest.raises(TimedOut, match="0 seconds"):
            decode(files["wav"], AudioLimits(max_work_seconds=0.0), sample_rate_hz=8_000)


def mostly(usual: list[Any], unusual: list[Any]) -> st.SearchStrategy[Any]:
    """Draw what is unusual one time in ten."""
    return st.integers(0, 9).flatmap(lambda number: st.sampled_from(usual if number else unusual))


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    tag, bits = draw(mostly(KINDS, [(1, 12), (1, 64), (3, 16), (7, 8), (0, 0), (0xFFFE, 16)]))
    channels = draw(mostly([1, 2, 3, 7, 8], [0, 9]))
    rate_hz = draw(mostly([16_000, 8_000, 44_100, 4_000, 192_000], [3_999, 0]))
    match draw(mostly(["plain", "empty", "extensible"], ["odd"])):
        case "plain":
            return form(tag, bits, channels, rate_hz)
        case "empty":
            return form(tag, bits, channels, rate_hz, rest=b"\0\0")
        case "extensible":
            mask = draw(st.sampled_from([0, 3, 0x63F, 0xFFFFFFFF]))
            return extensible(tag, bits, channels, rate_hz, mask, draw(mostly([0, bits], [20])))
        case _:
            step = draw(st.sampled_from([None, 0, 1, 4]))
            return form(tag, bits, channels, rate_hz, step, draw(st.binary(max_size=30)))


NAMES = mostly([b"LIST", b"fact", b"JUNK", b"PEAK"], [b"bext", b"data", b"fmt ", b"id3 ", b"\0\0\0\0"])
SIZES = mostly([WHOLE], [0, 3, 4, 500, 0xFFFFFFFF])
OTHERS = st.lists(st.builds(chunk, NAMES, st.binary(min_size=3, max_size=40), SIZES), max_size=2)


@st.composite
def files_with_any_header(draw: st.DrawFn) -> bytes:
    """Draw wav files whose headers are usual, unusual or damaged, and cut some of them off."""
    random = np.random.default_rng(draw(st.integers(0, 999)))
    length = draw(st.sampled_from([0, 1, 7, 640, 5_000, 5_001, 300_000]))
    samples = random.bytes(length)
    if draw(st.booleans()):
        samples = random.uniform(-1.5, 1.5, length // 8).astype("<f8").tobytes()
    size = draw(mostly([WHOLE, 0, 1 << 31, 0xFFFFFFFF], [1, 333, 5_002]))
    parts = [draw(OTHERS), [chunk(b"fmt ", draw(forms()))], draw(OTHERS), [chunk(b"data", samples, size)], draw(OTHERS)]
    data = bytearray(riff(*(one for part in parts for one in part)))
    for _ in range(draw(mostly([0, 0, 1], [3]))):
        data[draw(st.integers(0, min(len(data), 100) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(mostly([len(data)], [draw(st.integers(0, len(data)))]))])


def check_any_header(data: bytes, sample_rate_hz: int | None) -> None:
    found = both(data, AudioLimits(max_seconds=2.5), sample_rate_hz)
    if found is None:
        event("left to the decoder")
        return
    ours, decoders = found
    event(ours[0].__name__)
    assert ours == decoders


RATES = st.sampled_from([None, 16_000])


@given(files_with_any_header(), RATES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_header_is_read_as_the_decoder_reads_it(data: bytes, sample_rate_hz: int | None) -> None:
    check_any_header(data, sample_rate_hz)


@pytest.mark.heavy
@pytest.mark.timeout(600)
@given(files_with_any_header(), RATES)
@settings(max_examples=4_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_very_many_headers_are_read_as_the_decoder_reads_them(data: bytes, sample_rate_hz: int | None) -> None:
    check_any_header(data, sample_rate_hz)
