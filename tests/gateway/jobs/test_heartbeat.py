"""Who is alive: told by numbers that grow, and by no clock but one's own."""

from collections.abc import Callable
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from gateway.jobs import heartbeat
from gateway.jobs.heartbeat import Heartbeat, Watch

LEASE_SECONDS = 10.0


class SteadyClock:
    """Stands in for the module `time`: there is no other clock to look at, so one that jumps can do no harm."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SteadyClock:
    clock = SteadyClock()
    monkeypatch.setattr(heartbeat, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def living(engine: sa.Engine) -> Callable[[str], Heartbeat]:
    def start(name: str) -> Heartbeat:
        beating = Heartbeat(engine, name)
        beating.start()
        return beating

    return start


@pytest.fixture
def watch(engine: sa.Engine, living: Callable[[str], Heartbeat]) -> Watch:
    living("me")
    return Watch(engine, "me", LEASE_SECONDS)


def number_of(engine: sa.Engine, name: str) -> int:
    with engine.connect() as connection:
        query = sa.text("SELECT beats FROM timbre_workers WHERE id = :id")
        return int(connection.execute(query, {"id": name}).scalar_one())


class TestDead:
    def test_one_that_beats_lives_however_long(
        self, watch: Watch, living: Callable[[str], Heartbeat], clock: SteadyClock
    ) -> None:
        other = living("other")
        for _ in range(50):
            assert watch.dead({"other"}) == {}
            clock.now += 0.9 * LEASE_SECONDS
            other.beat()

    def test_one_whose_number_stands_still_for_a_lease_is_dead(
        self, watch: Watch, living: Callable[[str], Heartbeat], engine: sa.Engine, clock: SteadyClock
    ) -> None:
        living("other").beat()
        assert watch.dead({"other"}) == {}
        clock.now += LEASE_SECONDS
        assert watch.dead({"other"}) == {}
        clock.now += 0.001
        assert watch.dead({"other"}) == {"other": number_of(engine, "other")}

    def test_the_lease_counts_from_the_last_beat_that_was_seen(
        self, watch: Watch, living: Callable[[str], Heartbeat], clock: SteadyClock
    ) -> None:
        other = living("other")
        watch.dead({"other"})
        clock.now += 5 * LEASE_SECONDS  # the watcher slept, and the other beat meanwhile
        other.beat()
        assert watch.dead({"other"}) == {}
        clock.now += 0.9 * LEASE_SECONDS
        assert watch.dead({"other"}) == {}

    def test_one_that_comes_back_lives_again_and_dies_with_another_number(
        self, watch: Watch, living: Callable[[str], Heartbeat], clock: SteadyClock
    ) -> None:
        other = living("other")
        deaths = []
        for _ in range(2):
            watch.dead({"other"})
            clock.now += 2 * LEASE_SECONDS
            deaths.append(watch.dead({"other"})["other"])
            other.beat()
            assert watch.dead({"other"}) == {}
        assert len(set(deaths)) == 2

    def test_one_that_was_never_seen_dies_after_a_lease(self, watch: Watch, clock: SteadyClock) -> None:
        assert watch.dead({"nobody"}) == {}
        clock.now += 2 * LEASE_SECONDS
        assert list(watch.dead({"nobody"})) == ["nobody"]

    def test_one_is_never_dead_to_oneself(self, watch: Watch, clock: SteadyClock) -> None:
        watch.dead({"me"})
        clock.now += 100 * LEASE_SECONDS
        assert watch.dead({"me"}) == {}

    def test_only_those_asked_for_are_told_of(
        self, watch: Watch, living: Callable[[str], Heartbeat], clock: SteadyClock
    ) -> None:
        living("other")
        watch.dead(set())
        clock.now += 2 * LEASE_SECONDS
        assert watch.dead(set()) == {}
        assert list(watch.dead({"other"})) == ["other"]  # it was watched all along


class TestBeating:
    def test_a_restart_goes_on_counting(self, living: Callable[[str], Heartbeat], engine: sa.Engine) -> None:
        first = living("one")
        first.beat()
        first.beat()
        before = number_of(engine, "one")
        living("one")
        assert number_of(engine, "one") > before

    def test_each_counts_only_itself(self, living: Callable[[str], Heartbeat], engine: sa.Engine) -> None:
        one, _ = living("one"), living("other")
        before = number_of(engine, "other")
        one.beat()
        assert number_of(engine, "other") == before

    def test_many_may_start_on_a_new_database_at_once(self, engine: sa.Engine) -> None:
        together = Barrier(8)
        failed: list[BaseException] = []

        def start(name: str) -> None:
            with engine.connect():
                together.wait()
            try:
                Heartbeat(engine, name).start()
            except sa.exc.SQLAlchemyError as error:
                failed.append(error)

        threads = [Thread(target=start, args=(f"worker-{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed
