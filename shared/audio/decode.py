"""Untrusted audio files to sound, with limits, each in a child process of its own."""

import json
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final

import numpy as np

from shared.audio.limits import AudioLimits
from shared.audio.sandbox import END, MOST_MESSAGE_BYTES, PROBLEM, RATE_FORMAT, serve_one
from shared.audio.sound import Sound
from shared.problems import InvalidInput, Problem, TimedOut, TooLarge, UnsupportedMedia
from shared.sniff import find_container

# What a child that died, or that a file has taken over, makes its parent meet.
_CHILD_FAILURES: Final = (EOFError, OSError, ValueError, LookupError, TypeError, struct.error)
_PROBLEMS: Final = {problem.slug: problem for problem in (InvalidInput, TooLarge, UnsupportedMedia)}


def decode(data: bytes, limits: AudioLimits, *, sample_rate_hz: int | None = None) -> Sound:
    """Return the file as mono sound at `sample_rate_hz` (default: its own rate); blocks, so call it in a thread.

    wav, mp3, flac, ogg (vorbis, opus), m4a, aac and webm, told by their first bytes and never by a name. Channels are
    averaged, samples beyond full scale clipped to [-1, 1]; of a truncated or partly damaged file comes what decodes.
    Raises InvalidInput (empty), UnsupportedMedia (not ours, encrypted, damaged, nothing decodes, a sample rate out of
    range, samples that are not finite), TooLarge (a limit was hit, while decoding) and TimedOut.
    The first call in a process starts the server that forks the children, about 0.3 s.
    """
    limits.check_bytes(len(data))
    find_container(data)
    most_samples = (limits.max_seconds + 1) * (sample_rate_hz or limits.max_sample_rate_hz)
    with _child(limits, sample_rate_hz) as connection:
        try:
            connection.send_bytes(data)
            return _collect(_messages(connection, limits.max_work_seconds), most_samples)
        except _CHILD_FAILURES as error:
            raise UnsupportedMedia("The file cannot be decoded.") from error


@contextmanager
def _child(limits: AudioLimits, sample_rate_hz: int | None) -> Iterator[Connection]:
    context = get_context("forkserver")
    # With __main__ loaded once in the server, no child has to import the program anew.
    context.set_forkserver_preload(["__main__", "shared.audio.sandbox"])
    ours, theirs = context.Pipe()
    with ours:
        with theirs:
            child = context.Process(target=serve_one, args=(theirs, limits, sample_rate_hz), daemon=True)
            child.start()
        try:
            yield ours
        except BaseException:
            child.kill()
            raise
        finally:
            child.join()
            child.close()


def _collect(messages: Iterable[bytes], most_samples: float) -> Sound:
    """Join the blocks; raises ValueError when the child gives more than its limits could have let through."""
    samples = bytearray()
    sample_rate_hz = 0
    for message in messages:
        kind, content = message[:1], memoryview(message)[1:]
        if kind == PROBLEM:
            raise _problem(bytes(content))
        (sample_rate_hz,) = RATE_FORMAT.unpack_from(content)
        samples += content[RATE_FORMAT.size :]
        if len(samples) > most_samples * np.dtype(np.float32).itemsize:
            raise ValueError("more samples than the limits allow")
    if not samples:
        raise UnsupportedMedia("The file holds no audio that can be decoded.")
    return Sound(np.frombuffer(samples, np.float32), sample_rate_hz)


def _messages(connection: Connection, seconds: float) -> Iterator[bytes]:
    """Yield the child's messages up to END; raises EOFError when it dies, TimedOut when it is too slow."""
    deadline = time.monotonic() + seconds
    while connection.poll(max(0.0, deadline - time.monotonic())):
        message = connection.recv_bytes(MOST_MESSAGE_BYTES)
        if message == END:
            return
        yield message
    raise TimedOut(f"Decoding the audio took longer than {seconds:g} seconds.")


def _problem(content: bytes) -> Problem:
    answer = json.loads(content)
    return _PROBLEMS.get(answer["slug"], UnsupportedMedia)(answer["detail"], **answer["extensions"])
