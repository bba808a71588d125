"""Decoding as services do it: all but plain wav in a child of its own."""

import importlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from importlib.util import find_spec
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from shared.audio import AudioLimits, Sound, decode, decode_blocks, encode, warm_up
from shared.audio.decoder import decode_here
from shared.audio.messages import SIZE_FORMAT, receive, send
from shared.audio.sandbox import PROBLEM, SAMPLES
from shared.problems import InvalidInput, TimedOut, TooLarge, UnsupportedMedia
from tests.sounds import FILE_FORMATS, files_of

MIB = 1 << 20
LIMITS = AudioLimits()


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_the_child_gives_what_the_decoder_gives(name: str, files: dict[str, bytes]) -> None:
    got = decode(files[name], LIMITS, sample_rate_hz=16_000)
    here = np.concatenate([block.samples for block in decode_here(files[name], LIMITS, sample_rate_hz=16_000)])
    assert np.array_equal(got.samples, here)
    assert got.sample_rate_hz == 16_000
    got.samples[0] = 0  # the caller's own


def test_problems_cross_the_border(files: dict[str, bytes]) -> None:
    with pytest.raises(TooLarge, match=r"1\.5 seconds") as caught:
        decode(files["opus"], AudioLimits(max_seconds=1.5))
    assert caught.value.extensions == {"limit": 1.5}
    with pytest.raises(TooLarge, match="100 bytes"):
        decode(files["opus"], AudioLimits(max_bytes=100))
    with pytest.raises(InvalidInput):
        decode(b"", LIMITS)
    with pytest.raises(UnsupportedMedia):
        decode(b"fLaC and nothing more", LIMITS)


def children() -> set[int]:
    """The processes that the server of children has forked."""
    server = forkserver._forkserver._forkserver_pid
    return set(map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())) if server else set()


class TestBlocks:
    @pytest.mark.parametrize("name", ["wav", "mp3", "webm"])
    @pytest.mark.parametrize("rate_hz", [None, 11_025])
    def test_they_are_the_whole_in_pieces(self, name: str, rate_hz: int | None, long_files: dict[str, bytes]) -> None:
        blocks = list(decode_blocks(long_files[name], LIMITS, sample_rate_hz=rate_hz))
        whole = decode(long_files[name], LIMITS, sample_rate_hz=rate_hz)
        assert len(blocks) > 3
        assert all(0 < len(block.samples) < len(whole.samples) / 2 for block in blocks)
        assert {block.sample_rate_hz for block in blocks} == {whole.sample_rate_hz}
        assert np.array_equal(np.concatenate([block.samples for block in blocks]), whole.samples)

    def test_who_leaves_early_ends_the_child(self, long_files: dict[str, bytes]) -> None:
        warm_up()
        before = children()
        blocks = decode_blocks(long_files["mp3"], LIMITS)
        next(blocks)
        assert children() > before
        blocks.close()
        assert children() == before

    @pytest.mark.parametrize("name", ["wav", "mp3"])
    def test_what_the_caller_does_between_them_takes_none_of_their_time(
        self, name: str, long_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 0.0
        # Not time.monotonic itself: multiprocessing would wait for ever for a clock that stands still.
        monkeypatch.setattr("shared.audio.limits.time", SimpleNamespace(monotonic=lambda: now))
        for _ in decode_blocks(long_files[name], AudioLimits(max_work_seconds=10)):
            now += 11.0
        assert now > 40

    def test_what_is_known_at_once_is_told_at_once(self) -> None:
        with pytest.raises(InvalidInput):
            decode_blocks(b"", LIMITS)
        with pytest.raises(TooLarge):
            decode_blocks(bytes(9), AudioLimits(max_bytes=8))

    @pytest.mark.parametrize("seconds", [0.0, 1e-6])
    def test_time_that_is_up(self, seconds: float, long_files: dict[str, bytes]) -> None:
        for name in ("wav", "mp3"):
            with pytest.raises(TimedOut):
                list(decode_blocks(long_files[name], AudioLimits(max_work_seconds=seconds)))


@pytest.fixture(scope="session")
def long_files(speech: Sound) -> dict[str, bytes]:
    """Half a minute of speech, in several kinds of file."""
    return files_of(Sound(np.tile(speech.samples, 8), speech.sample_rate_hz))


def test_silence_is_audio() -> None:
    got = decode(encode(Sound(np.zeros(8_000, np.float32), 8_000), "wav"), LIMITS)
    assert not got.samples.any()
    assert got.seconds == 1.0


def test_two_callers_at_once_get_their_own_audio() -> None:
    tones = [0.5 * np.sin(np.arange(16_000) * frequency).astype(np.float32) for frequency in np.linspace(0.05, 0.5, 16)]
    data = [encode(Sound(tone, 16_000), "flac") for tone in tones]
    with ThreadPoolExecutor(4) as pool:
        sounds = list(pool.map(lambda file: decode(file, LIMITS), data))
    assert all(np.allclose(sound.samples, tone, atol=1e-4) for sound, tone in zip(sounds, tones, strict=True))


def test_tables_that_claim_gigabytes_end_in_the_child(mp4: Callable[..., bytes]) -> None:
    """2.5 KB that make libav allocate 24 bytes for each of 100 million samples."""
    started = time.monotonic()
    with pytest.raises(UnsupportedMedia):
        decode(mp4(sample_count=100_000_000), LIMITS)
    assert time.monotonic() - started < 5
    assert decode(mp4(), LIMITS).sample_rate_hz == 8_000


def test_a_decoder_that_takes_too_long_is_ended(files: dict[str, bytes]) -> None:
    before = set(threading.enumerate())
    with pytest.raises(TimedOut, match="0 seconds"):
        decode(files["opus"], AudioLimits(max_work_seconds=0.0))
    assert set(threading.enumerate()) <= before


def stop(connection: socket.socket, *_: object) -> None:
    signal.pause()


def stop_in_a_message(connection: socket.socket, *_: object) -> None:
    receive(connection)
    connection.sendall(SIZE_FORMAT.pack(1_000) + b"s")
    signal.pause()


def drip(connection: socket.socket, *_: object) -> None:
    receive(connection)
    connection.sendall(SIZE_FORMAT.pack(1_000_000))
    while True:
        connection.sendall(b"s")
        time.sleep(0.02)


@pytest.mark.parametrize("child", [stop, stop_in_a_message, drip])
def test_a_child_that_was_taken_over_holds_nobody(
    child: Callable[..., None], monkeypatch: pytest.MonkeyPatch, long_files: dict[str, bytes]
) -> None:
    monkeypatch.setattr(importlib.import_module("shared.audio.decode"), "serve_one", child)
    with pytest.raises(TimedOut, match="2 seconds"):
        decode(long_files["flac"], AudioLimits(max_work_seconds=2.0))


def brackets(connection: socket.socket, *_: object) -> None:
    receive(connection)
    send(connection, PROBLEM + b"[" * 200_000)


def no_sound(connection: socket.socket, *_: object) -> None:
    receive(connection)
    send(connection, SAMPLES + b"odd")


@pytest.mark.parametrize("child", [brackets, no_sound])
def test_a_child_that_was_taken_over_tells_nonsense(
    child: Callable[..., None], monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    monkeypatch.setattr(importlib.import_module("shared.audio.decode"), "serve_one", child)
    with pytest.raises(UnsupportedMedia, match="cannot be decoded"):
        decode(files["flac"], LIMITS)


def test_a_decoder_that_dies_is_an_answer(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> None:
    module = importlib.import_module("shared.audio.decode")
    monkeypatch.setattr(module, "serve_one", os.abort)  # called with arguments it does not take: the child dies
    with pytest.raises(UnsupportedMedia, match="cannot be decoded"):
        decode(files["flac"], LIMITS)


NO_FILES_LEFT = """
import os, resource, sys
from contextlib import suppress
from pathlib import Path
from shared.audio import AudioLimits, decode, warm_up
from shared.problems import Unavailable
from tests.started import patiently

def main():
    recording = Path(sys.argv[1]).read_bytes()
    if sys.argv[2] == "warm":
        warm_up()
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    taken = []
    while len(taken) < 64:
        try:
            taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            break
    for _ in range(12):  # from the first pipe on to the last of what a child needs
        try:
            decode(recording, AudioLimits())
        except Unavailable:
            print("unavailable")
        os.close(taken.pop())
    for file in taken:
        os.close(file)
    for _ in patiently():
        with suppress(Unavailable):  # the server that forks may be on its way out, for want of what it was to be sent
            print(len(decode(recording, AudioLimits()).samples))
            break

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("server", ["warm", "cold"])
def test_a_child_that_cannot_be_started_is_no_fault_of_the_file(
    server: str, files: dict[str, bytes], tmp_path: Path
) -> None:
    script, recording = tmp_path / "no_files_left.py", tmp_path / "recording"
    script.write_text(NO_FILES_LEFT)
    recording.write_bytes(files["flac"])
    command = [sys.executable, str(script), str(recording), server]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    *refused, samples = done.stdout.split()
    assert len(refused) >= 2
    assert set(refused) == {"unavailable"}
    assert int(samples) == len(decode(files["flac"], LIMITS).samples)


PROGRAM = """
import sys
from pathlib import Path
import imported
from shared.audio import AudioLimits, decode

if __name__ == "__main__":
    for _ in range(4):
        decode(Path(sys.argv[1]).read_bytes(), AudioLimits())
"""
IMPORTED = """
with open("imports", "a") as file:
    print("imported", file=file)
"""


def test_children_do_not_import_the_program(files: dict[str, bytes], tmp_path: Path) -> None:
    """One that is a package's `__main__`, as those that decode are: a service's import takes longer than most files."""
    (tmp_path / "recording").write_bytes(files["flac"])
    (tmp_path / "imported.py").write_text(IMPORTED)
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__main__.py").write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[3]}"}
    command = [sys.executable, "-m", "program", "recording"]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, timeout=120, check=True, capture_output=True)
    assert ((tmp_path / "imports").read_text(), ended.stderr) == ("imported\n", b"")


@pytest.mark.parametrize("program", ["shared.serve", "jobs.transcribe", "jobs.transcribe.led"])
def test_programs_that_decode_are_such(program: str) -> None:
    assert find_spec(f"{program}.__main__")


def repeated(codec: str, rate_hz: int, layout: str, options: dict[str, str], seconds: int) -> bytes:
    """Return silence in Matroska, one packet over and over: cheap to make, small to send, huge to decode."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        stream = output.add_stream(codec, rate_hz, layout=layout, options=options)
        stream.bit_rate = 6_000
        context = stream.codec_context
        frame = av.AudioFrame(context.format.name, layout, 4 * rate_hz)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
        for plane in frame.planes[: context.channels if context.format.is_planar else 1]:
            plane.update(bytes(plane.buffer_size))
        packets = stream.encode(frame)
        payload, step = bytes(packets[3]), Fraction(packets[3].duration) * packets[3].time_base
        for number in range(int(seconds / step)):
            packet = av.Packet(payload)
            packet.stream, packet.time_base = stream, Fraction(1, 1000)
            packet.pts = packet.dts = int(number * step * 1000)
            output.mux(packet)
    return file.getvalue()


@pytest.fixture(scope="session")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of small files that decode to hundreds of megabytes, and 25 MB of wav with a lying header."""
    folder = tmp_path_factory.mktemp("bombs")
    opus = repeated("libopus", 48_000, "stereo", {"frame_duration": "60"}, 1_200)
    flac = repeated("flac", 48_000, "stereo", {}, 1_200)
    mp3 = encode(Sound(np.zeros(80_000, np.float32), 8_000), "mp3", 8_000) * 120
    aac = encode(Sound(np.zeros(80_000, np.float32), 8_000), "aac", 8_000) * 120
    header = bytearray(encode(Sound(np.zeros(0, np.float32), 48_000), "wav"))
    header[40:44] = b"\xff\xff\xff\x7f"
    for name, data in {"opus": opus, "flac": flac, "mp3": mp3, "aac": aac, "wav": header + bytes(25_000_000)}.items():
        (folder / name).write_bytes(data)
    return folder


PEAKS = """
import sys
from pathlib import Path
from shared.audio import AudioLimits, decode
from shared.audio.decoder import decode_here
from shared.problems import TooLarge

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

def growth(work):
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    try:
        work()
    except TooLarge as problem:
        assert problem.extensions == {"limit": 60}
        print(peak() - before)
    else:
        print(1 << 40)

def main():
    limits = AudioLimits(max_seconds=60, max_samples=20_000_000)
    for path in sorted(Path(sys.argv[1]).iterdir()):
        data = path.read_bytes()
        growth(lambda: decode(data, limits))
        growth(lambda: [len(block.samples) for block in decode_here(data, limits, sample_rate_hz=16_000)])

if __name__ == "__main__":
    main()
"""


def test_bombs_take_no_more_memory_than_the_limit_and_64_mb(bombs: Path, peak_bytes: Callable[..., list[int]]) -> None:
    growths = peak_bytes(PEAKS, bombs)
    assert len(growths) == 10
    assert max(growths) < 60 * 48_000 * 4 + 64 * MIB, [round(growth / MIB) for growth in growths]
