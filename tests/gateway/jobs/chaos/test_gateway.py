"""The gateway is killed inside its calls; what it acknowledged is done, and what it did not may be asked again."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.jobs.chaos.invariants import Ledger
from tests.gateway.jobs.chaos.mortal import ENDLESS, GATEWAY, KILLS, SHORT, TEXTS, Mortal
from tests.gateway.jobs.stack import Stack, ended, order, running, submitted
from tests.started import patiently


class Gateway:
    """A gateway that dies, and a caller of it."""

    def __init__(self, stack: Stack, ledger: Ledger, dice: random.Random) -> None:
        self.stack, self.ledger, self.dice = stack, ledger, dice
        self.process = Mortal(stack, "gateway", GATEWAY)

    def start(self, fault: str) -> None:
        self.process.start(fault)
        self.stack.wait_ready("gateway")

    def replaced(self) -> None:
        """Start a gateway that does not die."""
        self.stack.start("gateway")
        self.stack.wait_ready("gateway")

    def settle(self) -> None:
        with self.stack.client() as http:
            self.ledger.settle(http)


@pytest.fixture
def stack(tmp_path: Path, engines: Stack) -> Iterator[Stack]:
    """A worker alone."""
    with running(tmp_path / "stack", "worker", **engines.as_services) as stack:
        yield stack


@pytest.fixture
def gateway(stack: Stack, ledger: Ledger, dice: random.Random) -> Gateway:
    return Gateway(stack, ledger, dice)


def submit(gateway: Gateway, point: str) -> None:
    """Callers send again what was not acknowledged, with the same key; that makes one job each."""
    orders = {f"key {gateway.dice.random()}": gateway.dice.choice(TEXTS) for _ in range(4)}
    acknowledged: dict[str, str] = {}

    def send(http: httpx.Client, key: str) -> None:
        try:
            acknowledged[key] = submitted(http, order(orders[key]), **{"Idempotency-Key": key})
        except httpx.TransportError:
            return

    gateway.start(f"{point}:{gateway.dice.randint(1, 2)}")
    with gateway.process.dying(), gateway.stack.client() as http:
        for key in orders:
            send(http, key)
    gateway.replaced()
    with gateway.stack.client() as http:
        for key, text in orders.items():
            job_id = submitted(http, order(text), **{"Idempotency-Key": key})
            assert acknowledged.get(key, job_id) == job_id
            gateway.ledger.acknowledged(job_id, text)
    gateway.settle()
    gateway.stack.kill("gateway")


def follow(gateway: Gateway, point: str) -> None:
    """Who follows a job sees the stream break off, and may follow it again; the job does not care."""
    gateway.start(f"{point}:1")
    with gateway.process.dying(), gateway.stack.client() as http:
        job_id = gateway.ledger.submit(http, gateway.dice.choice(TEXTS))
        path = f"/v1/jobs/{job_id}/events" if point == "following" else ended(http, job_id)["results"][0]["href"]
        with pytest.raises(httpx.TransportError), http.stream("GET", path) as answer:
            answer.read()
    gateway.replaced()
    gateway.settle()
    gateway.stack.kill("gateway")


def cancel(gateway: Gateway, point: str) -> None:
    """A caller who got no answer asks again, or does not; the job ends once, whole or without a trace."""
    gateway.start(f"{point}:1")
    with gateway.process.dying(), gateway.stack.client() as http:
        job_id = submitted(http, order(ENDLESS))
        assert any(job_id in name for _ in patiently(30) for name in gateway.stack.stored())
        with pytest.raises(httpx.TransportError):
            http.delete(f"/v1/jobs/{job_id}")
    gateway.replaced()
    gateway.ledger.acknowledged(job_id, ENDLESS)
    with gateway.stack.client() as http:
        if gateway.dice.random() < 0.5:
            assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        if ended(http, job_id)["state"] == "cancelled":
            gateway.ledger.cancelled(job_id)
    gateway.settle()
    gateway.stack.kill("gateway")


def forget(gateway: Gateway, point: str) -> None:
    """A caller who got no answer asks again, and all is gone."""
    gateway.start(f"{point}:{gateway.dice.randint(1, 3)}")
    with gateway.stack.client() as http:
        for text in (SHORT, ENDLESS, ENDLESS, ENDLESS):
            submitted(http, order(text))
        with gateway.process.dying(), pytest.raises(httpx.TransportError):
            http.delete("/v1/jobs")
    gateway.replaced()
    with gateway.stack.client() as http:
        http.delete("/v1/jobs")
        for _ in patiently(60):
            if not http.get("/v1/jobs").json()["jobs"] and not gateway.stack.stored():
                break
    gateway.ledger.forget()
    gateway.settle()
    gateway.stack.kill("gateway")


ROUNDS: dict[str, tuple[Callable[[Gateway, str], None], str]] = {
    "submitting": (submit, "submitting"),
    "submitted": (submit, "submitted"),
    "sending": (follow, "sending"),
    "following": (follow, "following"),
    "cancel-asked": (cancel, "cancel-asked"),
    "cancel-marked": (cancel, "cancel-marked"),
    "cancelled": (cancel, "cancelled"),
    "forgetting": (forget, "cancelled"),
    "forgotten": (forget, "submitted"),
}


def die(name: str, kills: int, gateway: Gateway) -> None:
    scene, point = ROUNDS[name]
    for _ in range(kills):
        scene(gateway, point)
    gateway.replaced()
    with gateway.stack.client() as http:
        gateway.ledger.next_succeeds(http)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ROUNDS)
def test_it_may_die_anywhere(name: str, gateway: Gateway) -> None:
    die(name, KILLS, gateway)


@pytest.mark.parametrize("name", ["submitted", "cancelled"])
def test_it_may_die_before_it_answers(name: str, gateway: Gateway) -> None:
    die(name, 1, gateway)
