"""Two workers with addresses of their own share the jobs of one PostgreSQL; one dies, or its network is cut."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.jobs.database import open_engine
from gateway.jobs.heartbeat import Heartbeat
from tests.gateway.jobs.chaos.invariants import Ledger, Records
from tests.gateway.jobs.chaos.mortal import TEXTS, TIDY_WORKER, killed
from tests.gateway.jobs.chaos.network import Network, is_possible, network
from tests.gateway.jobs.forked import Place
from tests.gateway.jobs.postgres import Postgres, is_installed, running_postgres
from tests.gateway.jobs.stack import Stack, running
from tests.started import ROOT, patiently

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="needs PostgreSQL: postgresql"),
    pytest.mark.skipif(not is_possible(), reason="needs network namespaces: iproute2, and root"),
]

AT_ONCE, MANY = 2, 48
FEWEST_TO_BE_FAIR = 100
"""Of fewer jobs the worker that happens to look first may do most."""
_DONE = "SELECT executor_id FROM {schema}workflow_status WHERE name = 'emotional-speech' AND status = 'SUCCESS'"
_IN_HAND = """
    SELECT workflow_uuid FROM {schema}workflow_status
    WHERE name = 'emotional-speech' AND status = 'PENDING' AND executor_id = 'one'"""
_SILENT = "worker one is silent; its jobs are taken over"
_HOLD = """
import sys, time
from gateway.jobs.database import open_engine
with open_engine(sys.argv[1]).begin() as connection:
    connection.exec_driver_sql("UPDATE timbre_workers SET beats = beats + 1")
    print(flush=True)
    time.sleep(600)
"""


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as net:
        yield net


@pytest.fixture
def workers(net: Network) -> dict[str, Place]:
    return {name: net.place() for name in ("one", "two")}


@pytest.fixture
def postgres(net: Network) -> Iterator[Postgres]:
    with running_postgres(net.hub.address) as server:
        yield server


@pytest.fixture
def stack(tmp_path: Path, net: Network, workers: dict[str, Place], postgres: Postgres) -> Iterator[Stack]:
    """All of Timbre; the workers behind links, the others at the hub."""
    services = ("gateway", "tts", "sentiment")
    places = dict.fromkeys(services, net.hub) | workers
    limits = {"TIMBRE_JOBS_PER_KEY": "1000", "TIMBRE_JOBS_AT_ONCE": str(AT_ONCE), "TIMBRE_SPEAKER_URL": ""}
    folder, database = tmp_path / "stack", postgres.url
    with running(folder, *services, places=places, TIMBRE_DATABASE=database, **limits) as stack:
        for name in workers:
            stack.start(name, TIDY_WORKER)
        stack.wait_ready(*workers)
        yield stack


@pytest.fixture
def records(postgres: Postgres) -> Iterator[Records]:
    records = Records(postgres.url)
    yield records
    records.close()


@dataclass
class Cluster:
    """The two workers, and a caller who gives them jobs."""

    stack: Stack
    http: httpx.Client
    ledger: Ledger
    records: Records

    def submit(self, count: int) -> None:
        for number in range(count):
            self.ledger.submit(self.http, TEXTS[number % len(TEXTS)])

    def shares(self) -> Counter[str]:
        """Return how many jobs each worker has brought to their end."""
        return Counter(worker for (worker,) in self.records.query(_DONE))

    def wait_for_shares(self, count: int) -> Counter[str]:
        """Wait until so many jobs are done."""
        for _ in patiently(300):
            if (done := self.shares()).total() >= count:
                return done
        raise AssertionError(done)

    def wait_for_work_in_hand(self) -> None:
        """Wait until the first worker is at work."""
        for _ in patiently(60):
            if self.records.query(_IN_HAND):
                return
        raise AssertionError("worker one has too little to do")

    def wait_for_take_over(self) -> None:
        for _ in patiently(60):
            if _SILENT in self.stack.log("two"):
                return
        raise AssertionError(self.stack.log("two"))


@pytest.fixture
def cluster(stack: Stack, http: httpx.Client, ledger: Ledger, records: Records) -> Cluster:
    return Cluster(stack, http, ledger, records)


def share(jobs: int, cluster: Cluster) -> None:
    """Have two workers share jobs, kill one when a quarter is done, and see that all end once."""
    cluster.submit(jobs)
    done = cluster.wait_for_shares(jobs // 4)
    if jobs >= FEWEST_TO_BE_FAIR:
        assert min(done["one"], done["two"]) >= done.total() / 5, done
    cluster.wait_for_work_in_hand()
    cluster.stack.kill("one")
    killed["one: sharing"] += 1
    cluster.ledger.settle(cluster.http)
    cluster.wait_for_take_over()
    assert cluster.shares().total() == jobs


@pytest.mark.heavy
def test_two_workers_share_many_jobs_and_one_dies(cluster: Cluster) -> None:
    share(200, cluster)


@pytest.mark.heavy
def test_two_workers_share_some_jobs_and_one_dies(cluster: Cluster) -> None:
    share(24, cluster)


@pytest.mark.heavy
@pytest.mark.parametrize("late", [False, True])
def test_a_worker_whose_network_was_cut_lives_on_and_nothing_is_done_twice(
    late: bool, cluster: Cluster, net: Network, workers: dict[str, Place]
) -> None:
    """It gets it back when the other one begins to take over, or when that has done all there was."""
    for cuts in range(1, 6):
        cluster.submit(MANY)
        cluster.wait_for_work_in_hand()
        net.cut(workers["one"])
        killed["one: network cut"] += 1
        cluster.wait_for_take_over()
        if late:
            cluster.wait_for_shares(MANY * cuts)
        net.mend(workers["one"])
        cluster.ledger.end_well(cluster.http)
        cluster.stack.wait_ready("one")
        (cluster.stack.folder / "two.log").write_text("")
    before = cluster.shares()
    cluster.submit(MANY)
    cluster.wait_for_work_in_hand()
    cluster.ledger.settle(cluster.http)
    assert set(cluster.shares() - before) == {"one", "two"}


@pytest.mark.heavy
def test_a_worker_whose_network_is_cut_does_not_keep_its_locks(net: Network, postgres: Postgres) -> None:
    engine, place = open_engine(postgres.url), net.place()
    Heartbeat(engine, "one").start()
    command = ["ip", "netns", "exec", place.namespace, sys.executable, "-c", _HOLD, postgres.url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        net.cut(place)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
                connection.exec_driver_sql("UPDATE timbre_workers SET beats = beats + 1")
        finally:
            holder.kill()
    engine.dispose()
