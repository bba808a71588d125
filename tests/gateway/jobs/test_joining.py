"""Parts of a sound joined: not a sample lost, and nothing left behind."""

import gc
import io
import struct
import tempfile
import wave
from pathlib import Path

import numpy as np
import pytest

from gateway.jobs.joining import Form, joined
from shared.audio import AUDIO_FORMATS, AudioLimits, decode
from shared.objects import ObjectStore
from shared.problems import NotFound, StorageFull
from tests.disks import small_disk, used_bytes

RATE_HZ = 24_000
LENGTHS = [1, 2, 24_000, 0, 524_289, 3]
"""In samples; the longest is read in more than one chunk."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def stored(objects: ObjectStore) -> tuple[list[str], bytes]:
    sounds = [np.random.default_rng(count).integers(-32767, 32768, count, np.int16) for count in LENGTHS]
    keys = [f"parts/{number:05}.pcm" for number in range(len(sounds))]
    for key, sound in zip(keys, sounds, strict=True):
        objects.put(key, sound.tobytes())
    return keys, np.concatenate(sounds).tobytes()


def test_pcm_is_every_sample_of_every_part_in_order(objects: ObjectStore, temporary: Path) -> None:
    keys, samples = stored(objects)
    with joined(objects, keys, Form("pcm", RATE_HZ)) as file:
        assert file.read_bytes() == samples
        assert file.stat().st_size == len(samples)


def test_wav_and_flac_say_how_long_they_are(objects: ObjectStore, temporary: Path) -> None:
    keys, samples = stored(objects)
    with joined(objects, keys, Form("wav", RATE_HZ)) as file:
        wav = file.read_bytes()
    with joined(objects, keys, Form("flac", RATE_HZ)) as file:
        stream_info = file.read_bytes()[8 : 8 + 34]
    assert struct.unpack("<4xI32xI", wav[:44]) == (len(samples) + 36, len(samples))
    assert int.from_bytes(stream_info[13:18], "big") & 0xFFFFFFFFF == sum(LENGTHS)


@pytest.mark.parametrize("format_name", AUDIO_FORMATS)
def test_the_same_parts_give_the_same_bytes(objects: ObjectStore, temporary: Path, format_name: str) -> None:
    keys, _ = stored(objects)

    def once() -> bytes:
        with joined(objects, keys, Form(format_name, RATE_HZ)) as file:
            return file.read_bytes()

    assert once() == once()


def test_wav_is_the_same_samples_behind_a_header(objects: ObjectStore, temporary: Path) -> None:
    keys, samples = stored(objects)
    with joined(objects, keys, Form("wav", RATE_HZ)) as file:
        contents = file.read_bytes()
    with wave.open(io.BytesIO(contents)) as reader:
        assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (RATE_HZ, 2, 1)
        assert reader.readframes(10**7) == samples


@pytest.mark.parametrize("format_name", AUDIO_FORMATS)
def test_every_format_plays_as_long_as_the_parts(objects: ObjectStore, temporary: Path, format_name: str) -> None:
    tone = (8_000 * np.sin(np.arange(RATE_HZ) / 10)).astype(np.int16).tobytes()
    for key in ("a", "b"):
        objects.put(key, tone)
    with joined(objects, ["a", "b"], Form(format_name, RATE_HZ)) as file:
        contents = file.read_bytes()
    if format_name in ("wav", "mp3", "flac", "opus", "aac", "ogg_vorbis"):
        assert decode(contents, AudioLimits()).seconds == pytest.approx(2, abs=0.2)
    else:
        assert len(contents) == pytest.approx({"pcm": 96_000, "mulaw": 16_000, "alaw": 16_000}[format_name], rel=0.01)


@pytest.mark.parametrize("sizes", [[1] * 10, [3, 1, 5, 7], [1, 9, 2]])
def test_a_sample_may_be_split_between_two_chunks(objects: ObjectStore, temporary: Path, sizes: list[int]) -> None:
    samples = bytes(range(1, sum(sizes) + 1))
    with joined(InChunks(samples, sizes), ["any"], Form("pcm", RATE_HZ)) as file:
        assert file.read_bytes() == samples


class InChunks:
    """A store whose one object comes in chunks of these sizes, as S3's may."""

    def __init__(self, contents: bytes, sizes: list[int]) -> None:
        self.contents, self.sizes = contents, sizes

    def open(self, key: str) -> "InChunks":
        return self

    def __enter__(self) -> list[bytes]:
        ends = np.cumsum(self.sizes)
        return [self.contents[end - size : end] for size, end in zip(self.sizes, ends, strict=True)]

    def __exit__(self, *_: object) -> None:
        pass


def test_the_file_has_no_name_while_it_is_there_and_is_gone_after(objects: ObjectStore, temporary: Path) -> None:
    keys, _ = stored(objects)
    with joined(objects, keys, Form("wav", RATE_HZ)) as file:
        objects.put("audio.wav", file)
        assert not list(temporary.iterdir())
        assert objects.head("audio.wav").size_bytes == file.stat().st_size
    assert not file.exists()


@pytest.mark.parametrize("format_name", AUDIO_FORMATS)
def test_a_full_disk_is_said_so_and_nothing_stays_on_it(
    objects: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_name: str
) -> None:
    noise = np.random.default_rng(0).integers(-32767, 32768, 500_000, np.int16)
    objects.put("a", noise.tobytes())
    with small_disk(tmp_path / "disk", 8_192) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(StorageFull, match="temporary files"), joined(objects, ["a"], Form(format_name, RATE_HZ)):
            pass
        gc.collect()
        assert used_bytes(disk) == 0


def test_a_part_that_is_missing_is_not_found_and_leaves_nothing(objects: ObjectStore, temporary: Path) -> None:
    keys, _ = stored(objects)
    with pytest.raises(NotFound), joined(objects, [*keys, "parts/none.pcm"], Form("wav", RATE_HZ)):
        pass
    assert not list(temporary.iterdir())
