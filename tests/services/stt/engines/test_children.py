"""Children that crash, hang, grow or talk nonsense cost one utterance each, and none outlives its engine or service."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from services.stt.engines.children import Children, Limits
from shared.problems import EngineFailed, TimedOut, Unavailable
from tests.exhausted import no_files_left
from tests.services.stt.engines.troublesome_child import ANSWER, CRASH, EXIT, GROW, HANG, NONSENSE
from tests.started import patiently

MODULE = "tests.services.stt.engines.troublesome_child"
ROOT = Path(__file__).parents[4]


@pytest.fixture
def children() -> Iterator[Children]:
    children = Children(MODULE, Limits(), say="hello")
    yield children
    while children._idle:
        children._idle.pop().end()


def process_of(children: Children) -> int:
    """Return the number of the process that answers."""
    who, what = children.words(np.zeros(ANSWER, np.float32))
    assert (what.text, what.start_seconds, what.end_seconds, what.probability) == ("hello", 1.0, 2.0, 0.5)
    return int(who.text)


def is_gone(process: int) -> bool:
    """Neither running nor a zombie."""
    return not Path(f"/proc/{process}").exists()


def has_ended(process: int) -> bool:
    """Gone, or a zombie, where nobody collects those whose parent is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_one_answers_and_stays(children: Children) -> None:
    assert process_of(children) == process_of(children)


def test_each_thread_has_its_own(children: Children) -> None:
    together = threading.Barrier(2)

    def hear(_: int) -> int:
        with children._child() as child:
            together.wait(60)
            return child.process.pid

    with ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(hear, range(2)))) == 2
    assert len(children._idle) == 2


def test_nobody_is_asked_about_nothing(children: Children) -> None:
    assert children.words(np.zeros(0, np.float32)) == []
    assert children._idle == []


@pytest.mark.parametrize("deed", [CRASH, GROW, NONSENSE, EXIT])
def test_what_one_does_wrong_costs_one_utterance(children: Children, deed: int) -> None:
    before = process_of(children)
    with pytest.raises(EngineFailed):
        children.words(np.zeros(deed, np.float32))
    assert is_gone(before)
    assert process_of(children) != before


@pytest.mark.parametrize(("is_stopped", "samples"), [(False, HANG), (True, 5_000_000)], ids=["working", "reading"])
def test_one_that_hangs_is_ended(is_stopped: bool, samples: int) -> None:
    """Or does not even read: its end of the socket is full before the utterance is sent."""
    children = Children(MODULE, Limits(seconds=5), say="hello")
    before = process_of(children)
    if is_stopped:
        os.kill(before, signal.SIGSTOP)
    with pytest.raises(TimedOut, match="5 s"):
        children.words(np.zeros(samples, np.float32))
    assert is_gone(before)
    assert process_of(children) != before


def test_one_that_died_meanwhile_is_replaced(children: Children) -> None:
    before = process_of(children)
    os.kill(before, signal.SIGKILL)
    children._idle[0].process.wait()
    assert process_of(children) != before


def test_one_that_is_killed_at_work_costs_one_utterance(children: Children) -> None:
    process = process_of(children)
    os.kill(process, signal.SIGSTOP)  # so that it dies in the middle of it for certain
    with ThreadPoolExecutor(1) as threads:
        hearing = threads.submit(process_of, children)
        assert any(not children._idle for _ in patiently())
        os.kill(process, signal.SIGKILL)
        with pytest.raises(EngineFailed):
            hearing.result()
    assert process_of(children) != process


def test_one_that_cannot_be_started_is_to_be_asked_for_again(children: Children) -> None:
    with no_files_left(), pytest.raises(Unavailable):
        process_of(children)
    assert process_of(children)


def test_they_end_with_their_engine() -> None:
    children = Children(MODULE, Limits(), say="hello")
    process = process_of(children)
    del children
    assert is_gone(process)


def test_they_end_when_the_service_is_gone() -> None:
    """Whose end of the socket is then closed."""
    program = f"""
import os, numpy as np
from services.stt.engines.children import Children, Limits
children = Children({MODULE!r}, Limits(), say="hello")
print(children.words(np.zeros({ANSWER}, np.float32))[0].text, flush=True)
os._exit(1)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    process = int(done.stdout)
    assert any(has_ended(process) for _ in patiently())
