"""What the tests of crashes share."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.jobs.chaos.invariants import Ledger, Records, Results
from tests.gateway.jobs.chaos.mortal import ENDLESS, TEXTS, killed
from tests.gateway.jobs.stack import Stack, ended, fetched, order, running, submitted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how often what was killed."""
    if not killed:
        return
    terminalreporter.section("kills")
    for what, times in sorted(killed.items()):
        terminalreporter.line(f"{times:5} {what}")
    terminalreporter.line(f"{killed.total():5} altogether")


@pytest.fixture
def dice() -> random.Random:
    """Chance that can be had again: with TEST_SEED, which a failure prints."""
    seed = int(os.environ.get("TEST_SEED") or random.SystemRandom().getrandbits(32))
    sys.stdout.write(f"TEST_SEED={seed}\n")
    return random.Random(seed)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, engines: Stack) -> dict[str, Results]:
    """The results of each text when nothing happens."""
    folder = tmp_path_factory.mktemp("calm")
    with running(folder, "gateway", "worker", **engines.as_services) as stack, stack.client() as http:
        ids = {text: submitted(http, order(text)) for text in (*TEXTS, ENDLESS)}
        return {text: fetched(http, ended(http, job_id)) for text, job_id in ids.items()}


@pytest.fixture
def stack(tmp_path: Path, engines: Stack) -> Iterator[Stack]:
    """A gateway; tests start their own workers."""
    with running(tmp_path / "stack", "gateway", **engines.as_services) as stack:
        yield stack


@pytest.fixture
def records(stack: Stack) -> Iterator[Records]:
    records = Records(str(stack.folder / "jobs.sqlite"))
    yield records
    records.close()


@pytest.fixture
def ledger(stack: Stack, undisturbed: dict[str, Results], records: Records) -> Ledger:
    return Ledger(stack, undisturbed, records)
