"""A worker is killed while it takes over from a dead one."""

import random

import httpx
import pytest

from tests.gateway.jobs.chaos.invariants import Ledger
from tests.gateway.jobs.chaos.mortal import ENDLESS, KILLS, LONGER, WORKER, Mortal
from tests.gateway.jobs.stack import Stack, order, submitted


def die(kills: int, dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    """One dies with two jobs in its hands, the next one in the take-over; meanwhile a job is cancelled, or is not."""
    one, two = Mortal(stack, "one", WORKER), Mortal(stack, "two", WORKER)
    for _ in range(kills):
        with one.dying():
            ledger.submit(http, LONGER)
            job_id = submitted(http, order(ENDLESS))
            one.start(f"after:{dice.randint(4, 7)}")
        with two.dying():
            two.start("taking-over:1")
        ledger.acknowledged(job_id, ENDLESS)
        assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        ledger.cancelled(job_id)
        stack.start("two")
        ledger.settle(http)
        stack.kill("two")
    stack.start("two")
    ledger.next_succeeds(http)


@pytest.mark.heavy
def test_it_may_die_in_a_take_over(dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    die(KILLS, dice, stack, http, ledger)


def test_it_may_die_once_in_a_take_over(dice: random.Random, stack: Stack, http: httpx.Client, ledger: Ledger) -> None:
    die(1, dice, stack, http, ledger)
