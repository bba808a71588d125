"""A worker is killed at every step and inside its steps; afterwards all is as if nothing had happened."""

import random

import httpx
import pytest

from tests.gateway.jobs.chaos.invariants import Ledger
from tests.gateway.jobs.chaos.mortal import KILLS, SHORT, TEXTS, WORKER, Mortal
from tests.gateway.jobs.stack import Stack

MOST = {
    "before": 6,
    "after": 6,
    "written": 4,
    "object-opened": 6,
    "object-half": 6,
    "object-nameless": 6,
    "object-named": 6,
    "speech-asked": 4,
    "speech-answering": 4,
    "joining": 2,
    "joined": 1,
    "object-deleted": 3,
    "committing": 30,
    "committed": 30,
    "step-unwritten": 6,
    "step-written": 6,
    "end-unwritten": 1,
    "end-written": 1,
    "taken": 10,
}
"""Points, and the latest passing of each to die at."""


def die(point: str, kills: int, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    worker = Mortal(stack, "worker", WORKER)
    worker.start(f"{point}:{dice.randint(1, MOST[point])}")
    for _ in range(kills):
        with worker.dying():
            ledger.submit(http, dice.choice(TEXTS))
        ledger.records.require_sound()
        worker.start(f"{point}:{dice.randint(1, MOST[point])}")
        ledger.settle(http)
    ledger.next_succeeds(http)


@pytest.mark.heavy
@pytest.mark.parametrize("point", MOST)
def test_it_may_die_anywhere(point: str, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    die(point, KILLS, dice, stack, http, ledger)


@pytest.mark.parametrize("point", ["object-named", "step-unwritten"])
def test_it_may_die_inside_a_step(
    point: str, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger
) -> None:
    die(point, 1, dice, stack, http, ledger)


def replace(kills: int, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    """What a step writes is there already, from a try before: it is put in its place under a name for the moment."""
    for _ in range(kills):
        job_id = ledger.submit(http, SHORT)
        for name in ("text.txt", "parts/00000.ssml", "tagged.ssml"):
            path = stack.data / "jobs" / job_id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("half")
        worker = Mortal(stack, "worker", WORKER)
        with worker.dying():
            worker.start(f"object-replacing:{dice.randint(1, 3)}")
        stack.start("worker")
        ledger.settle(http)
        stack.kill("worker")


@pytest.mark.heavy
def test_it_may_die_while_it_replaces_what_a_try_before_wrote(
    dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger
) -> None:
    replace(KILLS, dice, stack, http, ledger)


def test_nothing_is_left_of_what_it_was_replacing(
    dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger
) -> None:
    replace(1, dice, stack, http, ledger)
