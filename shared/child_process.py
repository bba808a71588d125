"""A process that keeps a C library for its parent: reads requests on standard input, answers on standard output.

Standard library only, so that it starts fast.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

HEADER = struct.Struct(">II")
"""Bytes of JSON, bytes of payload; both follow."""

Reply = tuple[dict[str, Any], bytes]
Handler = Callable[[dict[str, Any], bytes], Reply]
"""Answers JSON and payload with the same."""
FOLDER: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Where a child is started, so that it finds its module."""
ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8"}
"""All that a child has in it: nothing of its parent's."""

_PR_SET_PDEATHSIG = 1


def command_of(module: str, memory_bytes: int, cpu_seconds: int) -> list[str]:
    """Return the command of a child whose module calls `serve`, with the limits of each of its requests."""
    return [sys.executable, "-m", module, str(memory_bytes), str(cpu_seconds)]


def serve(handler: Handler, *, bound_to_thread: bool = True) -> None:
    """Answer requests until standard input ends, within the limits that `command_of` has put into `sys.argv`.

    A bound child ends at once with the thread that started it, even in the middle of its work.
    """
    memory_bytes, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    libc = ctypes.CDLL(None)
    if bound_to_thread:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _limit(memory_bytes)
    requests, replies = sys.stdin.buffer, _private_stdout()
    while (request := read(requests)) is not None:
        _allow_cpu(cpu_seconds)
        libc.srand(1)  # engines take their noise from rand(): the same sentence shall sound the same
        write(replies, *handler(*request))


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _allow_cpu(seconds: int) -> None:
    """Let the process use this much more CPU time; the kernel ends it beyond."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _private_stdout() -> BinaryIO:
    """Keep standard output for replies: what a library prints goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return replies


def read(stream: BinaryIO) -> Reply | None:
    """Read one message; None where the stream has ended. Raises ValueError for one that is broken off."""
    header = stream.read(HEADER.size)
    if not header:
        return None
    json_bytes, payload_bytes = HEADER.unpack(_whole(header, HEADER.size))
    head = _whole(stream.read(json_bytes), json_bytes)
    return json.loads(head), _whole(stream.read(payload_bytes), payload_bytes)


def _whole(part: bytes, size_bytes: int) -> bytes:
    if len(part) < size_bytes:
        raise ValueError("the message is broken off")
    return part


def write(stream: BinaryIO, head: dict[str, Any], payload: bytes = b"") -> None:
    """Write one message."""
    body = json.dumps(head).encode()
    stream.write(HEADER.pack(len(body), len(payload)) + body + payload)
    stream.flush()
