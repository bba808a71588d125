"""The child process in which untrusted audio is decoded: no new files, no sockets, little memory, little time.

libav is a large body of C: a 2 KB file can make it allocate gigabytes, or crash it. So each file has a child of its
own, forked from a server that has the libraries loaded (a few milliseconds). Messages to the parent are plain bytes,
never pickles, as the child must not be trusted once it has seen the file.
"""

import json
import math
import resource
import signal
import socket
import struct
from pathlib import Path
from typing import Final

import av.audio.codeccontext
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream  # noqa: F401 - PyAV imports these when it first meets a file, which the locked child cannot

from shared.audio.decoder import decode_here
from shared.audio.limits import AudioLimits
from shared.audio.messages import receive, send
from shared.problems import Problem

SAMPLES, PROBLEM, END = b"s", b"p", b"e"
RATE_FORMAT: Final = struct.Struct("<I")
MOST_MESSAGE_BYTES: Final = 32 * 1024 * 1024
_MEMORY_BYTES: Final = 64 * 1024 * 1024


def serve_one(connection: socket.socket, limits: AudioLimits, sample_rate_hz: int | None) -> None:
    """Receive one file, send its blocks, then END or one PROBLEM."""
    data = receive(connection)
    lock_down(limits.max_work_seconds, _MEMORY_BYTES + len(data))
    try:
        for sound in decode_here(data, limits, sample_rate_hz=sample_rate_hz):
            send(connection, SAMPLES + RATE_FORMAT.pack(sound.sample_rate_hz) + sound.samples.tobytes())
        send(connection, END)
    except Problem as problem:
        answer = {"slug": problem.slug, "detail": problem.detail, "extensions": problem.extensions}
        send(connection, PROBLEM + json.dumps(answer).encode())


def lock_down(cpu_seconds: float, memory_bytes: int) -> None:
    """Give up, for good, the right to open files or sockets and to use more than this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seconds = math.ceil(cpu_seconds)
    most_bytes = _data_bytes() + memory_bytes
    for kind, most in (
        (resource.RLIMIT_DATA, most_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _data_bytes() -> int:
    """Return the size of this process's private writable memory now (proc(5), VmData)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmData:")) * 1024
