"""The switch to a new version while requests are in flight."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.problems import ModelCorrupt, ModelNotFound, Unavailable
from shared.store import LocalModel, ModelStore, Served
from tests.shared.store.conftest import MakeModel

Publish = Callable[..., None]

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("objects", ["folder"], indirect=True)]


class Engine:
    """An engine that must not be used after it is closed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_closed = False

    def speak(self) -> str:
        assert not self.is_closed
        return self.text


@dataclass
class Garage:
    """Opens and closes engines, and keeps count."""

    opened: list[Engine] = field(default_factory=list)
    closed: Counter[str] = field(default_factory=Counter)
    closing_threads: set[str] = field(default_factory=set)
    bad: str = ""

    def open(self, model: LocalModel) -> Engine:
        engine = Engine(model.file("w.bin").read_text())
        if engine.text == self.bad:
            raise RuntimeError("this engine does not open")
        self.opened.append(engine)
        return engine

    def close(self, engine: Engine) -> None:
        engine.is_closed = True
        self.closed[engine.text] += 1
        self.closing_threads.add(threading.current_thread().name)


@pytest.fixture
def publish(store: ModelStore, objects: ObjectStore, make_model: MakeModel) -> Publish:
    """Publish a version of "tone" whose engine says its version, damage it if asked to, and put it into use."""

    def publish(version: str, damage: bytes | None = None) -> None:
        if version == "1":
            objects.put("tone/current", b"1")
        store.publish(make_model("tone", version, {"w.bin": version.encode()}), "tone", version)
        if damage:
            objects.put(f"tone/{version}/w.bin", damage)
        store.point("tone", version)

    return publish


@pytest.fixture
def garage() -> Garage:
    return Garage()


@pytest.fixture
async def served(store: ModelStore, garage: Garage, publish: Publish) -> AsyncIterator[Served[Engine]]:
    publish("1")
    served = Served(store, "tone", garage.open, garage.close, poll_seconds=0.001)
    await served.start()
    yield served
    await served.stop()
    assert garage.closed == Counter(engine.text for engine in garage.opened), "each engine is closed exactly once"


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


async def test_a_new_version_takes_the_old_ones_place(served: Served[Engine], garage: Garage, publish: Publish) -> None:
    with served.lease() as (model, engine):
        assert (served.version, model.manifest.version, engine.speak()) == ("1", "1", "1")
    publish("2")
    await _until(lambda: served.version == "2")
    with served.lease() as (model, engine):
        assert (model.manifest.version, engine.speak()) == ("2", "2")
    await _until(lambda: garage.closed["1"] == 1)
    assert garage.closing_threads == {"model-tone_0"}


async def test_requests_in_flight_keep_the_old_engine(served: Served[Engine], garage: Garage, publish: Publish) -> None:
    with served.lease() as (_, first), served.lease() as (_, second):
        publish("2")
        await _until(lambda: served.version == "2")
        with served.lease() as (_, third):
            assert [engine.speak() for engine in (first, second, third)] == ["1", "1", "2"]
        assert garage.closed == {}
    await _until(lambda: garage.closed["1"] == 1)


async def test_the_way_back_is_a_switch_like_any_other(
    served: Served[Engine], store: ModelStore, publish: Publish
) -> None:
    publish("2")
    await _until(lambda: served.version == "2")
    store.point("tone", "1")
    await _until(lambda: served.version == "1")


async def test_no_request_fails_while_versions_change(served: Served[Engine], garage: Garage, publish: Publish) -> None:
    spoken: Counter[str] = Counter()
    done = threading.Event()

    def hammer() -> int:
        requests = 0
        while not done.is_set():
            with served.lease() as (model, engine):
                spoken[engine.speak()] += 1
                assert engine.speak() == model.manifest.version
            requests += 1
            done.wait(0.0002)  # lets the others have their turn
        return requests

    async def async_hammer() -> None:
        while not done.is_set():
            with served.lease() as (model, engine):
                await asyncio.sleep(0)
                assert engine.speak() == model.manifest.version

    hammers = [asyncio.to_thread(hammer) for _ in range(4)] + [async_hammer() for _ in range(4)]
    hammering = asyncio.gather(*hammers)
    for version in range(2, 10):
        await asyncio.to_thread(publish, str(version))
        await _until(lambda: served.version == str(version))  # noqa: B023 - awaited here
        assert not hammering.done()
    done.set()
    await hammering
    assert served.switches == 8
    assert served.failures == 0
    assert set(spoken) <= {str(version) for version in range(1, 10)}
    await _until(lambda: sum(garage.closed.values()) == 8)


async def test_a_corrupt_version_keeps_the_old_one_serving(
    served: Served[Engine], garage: Garage, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    publish("2", damage=b"X")
    await _until(lambda: served.failures >= 1)
    with served.lease() as (_, engine):
        assert engine.speak() == "1"
    assert "model not changed" in caplog.text
    assert [engine.text for engine in garage.opened] == ["1"]
    publish("3")
    await _until(lambda: served.version == "3")


async def test_a_version_that_does_not_open_keeps_the_old_one_serving(
    served: Served[Engine], garage: Garage, publish: Publish
) -> None:
    garage.bad = "2"
    publish("2")
    await _until(lambda: served.failures >= 2)
    assert served.version == "1"
    garage.bad = ""
    await _until(lambda: served.version == "2")


@pytest.mark.parametrize("pointer", [b"7", b"../1", b""])
async def test_a_broken_pointer_keeps_the_old_version_serving(
    served: Served[Engine], objects: ObjectStore, pointer: bytes
) -> None:
    objects.put("tone/current", pointer)
    await _until(lambda: served.failures >= 1)
    assert served.version == "1"


async def test_a_store_that_is_gone_keeps_the_old_version_serving(
    served: Served[Engine], publish: Publish, tmp_path: Path
) -> None:
    (tmp_path / "models").rename(tmp_path / "gone")
    await _until(lambda: served.failures >= 1)
    assert served.version == "1"
    (tmp_path / "gone").rename(tmp_path / "models")
    publish("2")
    await _until(lambda: served.version == "2")


async def test_an_engine_that_fails_its_warm_up_is_closed_and_not_used(
    store: ModelStore, garage: Garage, publish: Publish
) -> None:
    def warm_up(engine: Engine) -> None:
        if engine.speak() == "2":
            raise RuntimeError("this engine does not warm up")

    publish("1")
    served = Served(store, "tone", garage.open, garage.close, poll_seconds=3600, warm_up=warm_up)
    await served.start()
    publish("2")
    assert not await served.refresh()
    assert (served.version, garage.closed) == ("1", {"2": 1})
    await served.stop()


async def test_a_bad_version_is_not_tried_at_every_look(store: ModelStore, garage: Garage, publish: Publish) -> None:
    publish("1")
    served = Served(store, "tone", garage.open, garage.close, poll_seconds=3600)
    await served.start()
    publish("2", damage=b"X")
    for _ in range(3):
        assert not await served.refresh()
    assert served.failures == 1
    publish("3")
    assert await served.refresh()
    assert not await served.refresh()
    await served.stop()


@pytest.mark.parametrize("damage", [b"X", None])
async def test_the_start_fails_without_a_good_model(
    store: ModelStore, garage: Garage, publish: Publish, damage: bytes | None
) -> None:
    if damage:
        publish("1", damage=damage)
    served = Served(store, "tone", garage.open, garage.close)
    with pytest.raises((ModelCorrupt, ModelNotFound)):
        await served.start()
    with pytest.raises(Unavailable), served.lease():
        pytest.fail("leased")
    await served.stop()
    assert garage.opened == []


async def test_a_lease_outlives_the_stop(store: ModelStore, garage: Garage, publish: Publish) -> None:
    publish("1")
    served = Served(store, "tone", garage.open, garage.close)
    await served.start()
    with served.lease() as (_, engine):
        await served.stop()
        assert engine.speak() == "1"
        assert served.version is None
        with pytest.raises(Unavailable), served.lease():
            pytest.fail("leased")
    assert garage.closed == {"1": 1}


async def test_a_stop_while_a_new_version_opens_closes_both(
    store: ModelStore, garage: Garage, publish: Publish
) -> None:
    opening, go_on = threading.Event(), threading.Event()

    def open_slowly(model: LocalModel) -> Engine:
        engine = garage.open(model)
        if engine.text == "2":
            opening.set()
            go_on.wait()
        return engine

    publish("1")
    served = Served(store, "tone", open_slowly, garage.close, poll_seconds=0.001)
    await served.start()
    publish("2")
    await asyncio.to_thread(opening.wait)
    stopping = asyncio.create_task(served.stop())
    await _until(lambda: served.version is None)
    go_on.set()
    await stopping
    assert garage.closed == {"1": 1, "2": 1}


async def test_a_look_that_fails_during_the_stop_is_counted(
    store: ModelStore, garage: Garage, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = threading.Event(), threading.Event()

    def fail_slowly(_: str) -> str:
        looking.set()
        go_on.wait()
        raise Unavailable("the store is gone")

    publish("1")
    served = Served(store, "tone", garage.open, garage.close, poll_seconds=0.001)
    await served.start()
    monkeypatch.setattr(store, "version_in_use", fail_slowly)
    await asyncio.to_thread(looking.wait)
    stopping = asyncio.create_task(served.stop())
    await _until(lambda: served.version is None)
    go_on.set()
    await stopping
    assert served.failures == 1


async def test_an_engine_that_fails_to_close_is_logged(
    store: ModelStore, garage: Garage, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    def close(_: Engine) -> None:
        raise RuntimeError("this engine does not close")

    publish("1")
    served = Served(store, "tone", garage.open, close)
    await served.start()
    await served.stop()
    assert "model not closed" in caplog.text
