"""Untrusted audio files to sound, with limits: plain wav here, all else in a child process of its own."""

import json
import socket
import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing.process import BaseProcess
from typing import Final

import numpy as np

from shared.audio.limits import AudioLimits, Clock
from shared.audio.messages import TimedConnection
from shared.audio.resample import at_rate
from shared.audio.sandbox import END, MOST_MESSAGE_BYTES, PROBLEM, RATE_FORMAT, serve_one
from shared.audio.sound import Sound
from shared.audio.wav import plain_wav
from shared.forking import fork_server
from shared.problems import InvalidInput, Problem, TooLarge, Unavailable, UnsupportedMedia
from shared.sniff import find_container

# What a child that died, or that a file has taken over, makes its parent meet.
_CHILD_FAILURES: Final = (EOFError, OSError, ValueError, LookupError, TypeError, RecursionError, struct.error)
_PROBLEMS: Final = {problem.slug: problem for problem in (InvalidInput, TooLarge, UnsupportedMedia)}


def decode(data: bytes, limits: AudioLimits, *, sample_rate_hz: int | None = None) -> Sound:
    """Return the file as mono sound at `sample_rate_hz` (default: its own rate); blocks, so call it in a thread.

    wav, mp3, flac, ogg (vorbis, opus), m4a, aac and webm, told by their first bytes and never by a name. Channels are
    averaged, samples beyond full scale clipped to [-1, 1]; of a truncated or partly damaged file comes what decodes.
    Raises InvalidInput (empty), UnsupportedMedia (not ours, encrypted, damaged, nothing decodes, a sample rate out of
    range, samples that are not finite), TooLarge (a limit was hit, while decoding), TimedOut, and Unavailable when no
    child can be started.
    The first file that needs a child starts the server that forks them, about 0.3 s, unless `warm_up` has.
    """
    with closing(decode_blocks(data, limits, sample_rate_hz=sample_rate_hz)) as blocks:
        return _joined(blocks)


def decode_blocks(
    data: bytes, limits: AudioLimits, *, sample_rate_hz: int | None = None
) -> Generator[Sound, None, None]:
    """Return what `decode` does in blocks of some seconds, as they are decoded; never more than a few are held.

    Raises as `decode` does: what the first bytes and the size tell at once, the rest from the iterator. The time in
    which the caller works on a block does not count as decoding. Closing the iterator ends the work, and the child.
    """
    limits.check_bytes(len(data))
    find_container(data)
    wav = plain_wav(data)
    if wav is None:
        return _with_sound(_from_child(data, limits, sample_rate_hz))
    return _with_sound(_in_time(at_rate(wav.blocks(limits), sample_rate_hz), limits.max_work_seconds))


def _with_sound(blocks: Generator[Sound, None, None]) -> Generator[Sound, None, None]:
    """Yield the blocks that are not empty; raises UnsupportedMedia when there are none."""
    heard = False
    with closing(blocks):
        for block in blocks:
            if len(block.samples):
                heard = True
                yield block
    if not heard:
        raise UnsupportedMedia("The file holds no audio that can be decoded.")


def warm_up() -> None:
    """Start the server that forks the children, so that no caller has to wait for it; blocks."""
    with suppress(UnsupportedMedia):
        decode(b"fLaC", AudioLimits())


def _in_time(blocks: Iterator[Sound], seconds: float) -> Generator[Sound, None, None]:
    clock = Clock(seconds)
    while True:
        with clock.running():
            block = next(blocks, None)
        if block is None:
            return
        clock.check()
        yield block


def _from_child(data: bytes, limits: AudioLimits, sample_rate_hz: int | None) -> Generator[Sound, None, None]:
    most_samples = (limits.max_seconds + 1) * (sample_rate_hz or limits.max_sample_rate_hz)
    with _child(limits, sample_rate_hz) as connection:
        try:
            timed = TimedConnection(connection, Clock(limits.max_work_seconds))
            timed.send(data)
            yield from _sounds(_messages(timed), most_samples)
        except _CHILD_FAILURES as error:
            raise UnsupportedMedia("The file cannot be decoded.") from error


@contextmanager
def _child(limits: AudioLimits, sample_rate_hz: int | None) -> Iterator[socket.socket]:
    try:
        connection, child = _started(limits, sample_rate_hz)
    except (OSError, EOFError) as error:  # no files, processes or memory left: the fault is not the recording's
        raise Unavailable("No process can be started to decode the file.") from error
    with connection:
        try:
            yield connection
        except BaseException:
            child.kill()
            raise
        finally:
            child.join()
            child.close()


def _started(limits: AudioLimits, sample_rate_hz: int | None) -> tuple[socket.socket, BaseProcess]:
    context = fork_server(["shared.audio.sandbox"])
    ours, theirs = socket.socketpair()
    with theirs, ExitStack() as if_it_fails:
        if_it_fails.enter_context(ours)
        child = context.Process(target=serve_one, args=(theirs, limits, sample_rate_hz), daemon=True)
        child.start()
        if_it_fails.pop_all()
    return ours, child


def _sounds(messages: Iterable[bytearray], most_samples: float) -> Iterator[Sound]:
    """Yield the child's blocks; raises ValueError when there is more than its limits could have let through."""
    for message in messages:
        kind, content = message[:1], memoryview(message)[1:]
        if kind == PROBLEM:
            raise _problem(bytes(content))
        (sample_rate_hz,) = RATE_FORMAT.unpack_from(content)
        samples = np.frombuffer(content[RATE_FORMAT.size :], np.float32)
        most_samples -= len(samples)
        if most_samples < 0:
            raise ValueError("more samples than the limits allow")
        yield Sound(samples, sample_rate_hz)


def _messages(connection: TimedConnection) -> Iterator[bytearray]:
    """Yield the child's messages up to END; raises EOFError when it dies, TimedOut when it is too slow."""
    while (message := connection.receive(MOST_MESSAGE_BYTES)) != END:
        yield message


def _problem(content: bytes) -> Problem:
    answer = json.loads(content)
    return _PROBLEMS.get(answer["slug"], UnsupportedMedia)(answer["detail"], **answer["extensions"])


def _joined(blocks: Iterable[Sound]) -> Sound:
    samples = bytearray()
    sample_rate_hz = 0
    for block in blocks:
        sample_rate_hz = block.sample_rate_hz
        samples += block.samples.data
    return Sound(np.frombuffer(samples, np.float32), sample_rate_hz)
