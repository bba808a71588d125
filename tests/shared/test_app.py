"""The factory's promises: problems, ids, metrics, health, limits, engine slots, streams."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from shared import logs
from shared.app import create_app
from shared.engines import EngineThreads, Slots, find_engine
from shared.metrics import Metrics
from shared.problems import Busy, InvalidInput, Problem
from shared.settings import ServiceSettings
from shared.streaming import started

router = APIRouter()


class Order(BaseModel):
    count: int


@router.post("/orders")
async def orders(order: Order) -> Order:
    return order


@router.get("/broken/{text}")
async def broken(text: str) -> None:
    raise RuntimeError(text)


@router.get("/late")
async def late(request: Request) -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        raise InvalidInput("nothing to say", param="input")
        yield b""

    return StreamingResponse(await started(request, chunks()))


def make_app(**settings: int) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        app.state.health.clear("start")
        yield {}

    return create_app("example", ServiceSettings(**settings), [router], lifespan)


@asynccontextmanager
async def client(app: FastAPI, *, start: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://timbre") as http:
        if start:
            async with app.router.lifespan_context(app):
                yield http
        else:
            yield http


@pytest.mark.anyio
class TestProblems:
    async def test_one_body_speaks_both_dialects(self) -> None:
        async with client(make_app()) as http:
            answer = await http.post("/orders", json={"count": "many"})
        body = answer.json()
        assert answer.status_code == body["status"] == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["type"] == "urn:timbre:problem:invalid-input"
        assert body["param"] == body["error"]["param"] == "count"
        assert body["error"]["type"] == "invalid_request_error"
        assert "many" not in answer.text

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
    async def test_json_that_does_not_say_so_is_told_the_header(self, kind: str) -> None:
        async with client(make_app()) as http:
            answer = await http.post("/orders", content=b'{"count": 1}', headers={"content-type": kind})
        assert answer.status_code == 400
        assert "Content-Type: application/json" in answer.json()["error"]["message"]

    async def test_broken_json_is_no_members_fault(self) -> None:
        async with client(make_app()) as http:
            answer = await http.post("/orders", content=b'{"count":', headers={"content-type": "application/json"})
        body = answer.json()
        assert (answer.status_code, body["error"]["param"], "param" in body) == (400, None, False)

    @pytest.mark.parametrize(
        ("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/orders", 405), ("POST", "/orders/", 404)]
    )
    async def test_routing_errors_are_problems(self, method: str, path: str, status: int) -> None:
        async with client(make_app()) as http:
            answer = await http.request(method, path)
        assert answer.status_code == answer.json()["status"] == status

    async def test_unexpected_error_tells_neither_caller_nor_log_what_it_quoted(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            async with client(make_app()) as http:
                answer = await http.get("/broken/secret")
        assert answer.status_code == 500
        assert answer.json()["type"] == "urn:timbre:problem:internal-error"
        formatter = logs.TimbreFormatter()
        logged = "".join(formatter.format(record) for record in caplog.records if record.name.startswith("timbre"))
        assert "RuntimeError" in logged
        assert "secret" not in logged + answer.text

    async def test_error_of_a_streams_first_item_decides_the_status(self) -> None:
        async with client(make_app()) as http:
            answer = await http.get("/late")
        assert answer.status_code == 400
        assert answer.json()["param"] == "input"

    async def test_every_problem_has_its_own_slug(self) -> None:
        kinds = [Problem, *Problem.__subclasses__()]
        assert len({kind.slug for kind in kinds}) == len(kinds)


@pytest.mark.anyio
class TestObserve:
    async def test_request_id_travels(self) -> None:
        async with client(make_app()) as http:
            given = await http.get("/health/live", headers={"x-request-id": "abc-1"})
            made = await http.get("/health/live")
            hostile = await http.get("/health/live", headers={"x-request-id": "a b\x7f"})
        assert given.headers["x-request-id"] == "abc-1"
        assert len(made.headers["x-request-id"]) == len(hostile.headers["x-request-id"]) == 32

    async def test_metrics_count_by_route(self) -> None:
        async with client(make_app()) as http:
            await http.post("/orders", json={"count": 1})
            await http.get("/secret-name-a-user-chose")
            text = (await http.get("/metrics")).text
        assert 'timbre_requests_total{method="POST",route="/orders",status="200"} 1.0' in text
        assert 'route="unmatched"' in text
        assert "secret-name" not in text

    def test_log_lines_are_json_with_the_request_id(self) -> None:
        token = logs.request_id.set("id-7")
        record = logging.LogRecord("timbre", logging.INFO, __file__, 1, "request", None, None)
        line = json.loads(logs.TimbreFormatter("%(message)s").format(record))
        logs.request_id.reset(token)
        assert line["request_id"] == "id-7"


@pytest.mark.anyio
class TestHealth:
    async def test_live_before_ready(self) -> None:
        app = make_app()
        async with client(app, start=False) as http:
            assert (await http.get("/health/live")).status_code == 200
            early = await http.get("/health/ready")
        async with client(app) as http:
            late = await http.get("/health/ready")
        assert (early.status_code, late.status_code) == (503, 200)
        assert early.headers["retry-after"]


@pytest.mark.anyio
class TestLimitBody:
    async def test_announced_and_streamed_bodies_are_bounded(self) -> None:
        async def endless() -> AsyncIterator[bytes]:
            for _ in range(64):
                yield b" " * 1024

        async with client(make_app(max_body_bytes=2048)) as http:
            announced = await http.post("/orders", content=b" " * 4096, headers={"content-type": "application/json"})
            streamed = await http.post("/orders", content=endless(), headers={"content-type": "application/json"})
        for answer in (announced, streamed):
            assert answer.status_code == 413
            assert answer.json()["limit"] == 2048


@pytest.mark.anyio
class TestSlots:
    async def test_full_queue_is_busy_and_slots_come_back(self) -> None:
        slots = Slots(slots=1, queue=1, queue_wait_seconds=5, metrics=Metrics())
        release = asyncio.Event()

        async def work() -> str:
            async with slots.take():
                await release.wait()
            return "done"

        running, waiting = asyncio.create_task(work()), asyncio.create_task(work())
        while slots._waiting == 0:
            await asyncio.sleep(0)
        with pytest.raises(Busy) as refused:
            await work()
        assert refused.value.headers()["Retry-After"] == "1"
        release.set()
        assert await asyncio.gather(running, waiting) == ["done", "done"]

    async def test_long_wait_is_busy(self) -> None:
        slots = Slots(slots=1, queue=4, queue_wait_seconds=0.01, metrics=Metrics())
        async with slots.take():
            with pytest.raises(Busy):
                async with slots.take():
                    pytest.fail("took a slot that was not free")
        assert slots._waiting == 0

    def test_engine_table_names_what_exists(self) -> None:
        table = {"slots": "shared.engines:Slots"}
        assert find_engine(table, "slots") is Slots
        with pytest.raises(LookupError, match="slots"):
            find_engine(table, "nothing")


@pytest.mark.anyio
class TestEngineThreads:
    @pytest.fixture
    def executor(self) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(1) as executor:
            yield executor

    async def test_each_piece_is_a_turn(self, executor: ThreadPoolExecutor) -> None:
        threads, order = EngineThreads(executor, Metrics(), "fake"), []

        async def use(name: str) -> None:
            async for number in threads.each(number for number in range(3)):
                order.append((name, number))  # noqa: PERF401 - one by one, as they come

        await asyncio.gather(use("a"), use("b"))
        assert sorted(order) == [(name, number) for name in "ab" for number in range(3)]
        assert [number for _, number in order] == [0, 0, 1, 1, 2, 2]

    async def test_other_work_goes_on_while_all_slots_are_taken(self) -> None:
        decoded, engine_works = threading.Event(), []

        def listen(name: str) -> None:
            engine_works.append(name)
            assert decoded.wait(60)
            assert engine_works == [name]
            engine_works.remove(name)

        with ThreadPoolExecutor(3) as executor:
            threads = EngineThreads(executor, Metrics(), "fake", threading.Semaphore(1))
            working = [asyncio.ensure_future(threads.named("a").run_engine(listen, name)) for name in "ab"]
            await threads.run(decoded.set)
            await asyncio.gather(*working)

    async def test_errors_come_through_and_the_iterator_is_closed(self, executor: ThreadPoolExecutor) -> None:
        closed = threading.Event()

        def pieces() -> Generator[int, None, None]:
            try:
                yield 1
                raise Busy("full", retry_after_seconds=1)
            finally:
                closed.set()

        with pytest.raises(Busy):
            _ = [piece async for piece in EngineThreads(executor, Metrics(), "fake").each(pieces())]
        assert closed.is_set()

    async def test_a_caller_that_leaves_ends_it_behind_the_piece_that_is_being_done(
        self, executor: ThreadPoolExecutor
    ) -> None:
        begun, proceed, closed = threading.Event(), threading.Event(), threading.Event()
        pieces_done = []

        def pieces() -> Generator[int, None, None]:
            try:
                for number in range(100):
                    begun.set()
                    proceed.wait(60)
                    pieces_done.append(number)
                    yield number
            finally:
                closed.set()

        async def use() -> None:
            async for _ in EngineThreads(executor, Metrics(), "fake").each(pieces()):
                pass

        using = asyncio.create_task(use())
        await asyncio.to_thread(begun.wait, 60)
        using.cancel()
        with pytest.raises(asyncio.CancelledError):
            await using
        assert not closed.is_set()
        proceed.set()
        assert await asyncio.to_thread(closed.wait, 60)
        assert pieces_done == [0]
