"""The websocket, by a real client at a served app: the words of a recording, its limits, and how it ends."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from services.keywords.answers import Vocabulary
from services.keywords.app import create_app
from services.keywords.engines.fake import Fake
from services.keywords.hearing import Hearing
from services.keywords.settings import KeywordsSettings
from shared.audio import Sound
from tests.services.keywords.tones import heard_after_pcm, noise, pcm, spoken
from tests.serving import served
from tests.websockets import FINISH, cut, problem, rest, told_of, until_there_is_room

CONVERSATION = spoken(0.6, "yes", 1.0, "stop", 1.4)
Listening = Callable[..., AbstractContextManager[str]]

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with listening() as address:
        yield address


@contextmanager
def listening(**settings: object) -> Iterator[str]:
    """Serve the service; yield the websocket's address."""
    with served(create_app(KeywordsSettings(**{"keywords_engine": "fake", **settings}))) as address:
        yield f"{address.replace('http', 'ws')}/v1/audio/keywords/listen"


class TestWords:
    async def test_a_conversation(self, address: str) -> None:
        told, code = await told_of(address, pcm(CONVERSATION), FINISH)
        ready, first, second, end = told
        assert (ready["type"], ready["model"], ready["sample_rate_hz"]) == ("ready", "keywords/fake", 16_000)
        assert ready["keywords"][:2] == ["yes", "no"]
        assert [first["keyword"], second["keyword"]] == ["yes", "stop"]
        assert list(first) == ["type", "keyword", "score", "start_seconds", "end_seconds"]
        assert end == {"type": "end", "duration_seconds": 4.0, "matches": 2}
        assert code == 1000

    @pytest.mark.parametrize("seed", range(4))
    async def test_pieces_of_any_size_give_what_the_whole_gives(self, address: str, seed: int) -> None:
        draw = np.random.default_rng(seed)
        sound = Sound(CONVERSATION.samples + noise(CONVERSATION.seconds, 0.01, seed).samples, 16_000)
        sizes = draw.integers(0, [50, 700, 5_000, 60_000][seed], size=[900, 150, 25, 2][seed]).tolist()
        told, _ = await told_of(address, *cut(pcm(sound), sizes), FINISH)
        fake, vocabulary = Fake(), Vocabulary(Fake.labels)
        whole = Hearing(fake, vocabulary, vocabulary.least(fake.thresholds, None, is_clip=False))
        matches = list(whole.finish(heard_after_pcm(sound)))
        assert [message["keyword"] for message in told[1:-1]] == ["yes", "stop"]
        assert [(m["keyword"], m["start_seconds"], m["end_seconds"]) for m in told[1:-1]] == [
            (match.keyword, match.start_seconds, match.end_seconds) for match in matches
        ]
        assert [m["score"] for m in told[1:-1]] == pytest.approx([match.score for match in matches], abs=2e-4)

    @pytest.mark.parametrize("rate_hz", [8_000, 11_025, 44_100, 48_000])
    async def test_other_sample_rates(self, address: str, rate_hz: int) -> None:
        data = pcm(spoken(0.6, "yes", 1.0, "no", 1.4, rate_hz=rate_hz))
        parts = cut(data, [10_001] * (len(data) // 10_001))
        told, code = await told_of(address, *parts, FINISH, query=f"?sample_rate_hz={rate_hz}")
        assert [message["keyword"] for message in told[1:-1]] == ["yes", "no"]
        assert told[1]["start_seconds"] == pytest.approx(0.6, abs=0.2)
        assert (told[-1]["duration_seconds"], code) == (4.0, 1000)

    async def test_words_come_while_the_client_speaks(self, address: str) -> None:
        async with connect(address) as websocket, asyncio.timeout(100):
            await websocket.recv()
            await websocket.send(pcm(CONVERSATION))
            assert json.loads(await websocket.recv())["keyword"] == "yes"
            assert json.loads(await websocket.recv())["keyword"] == "stop"
            await websocket.send(pcm(spoken("go", 1.5)))
            assert json.loads(await websocket.recv())["keyword"] == "go"
            await websocket.send(FINISH)
            assert [message["type"] for message in await rest(websocket)] == ["end"]

    async def test_wishes(self, address: str) -> None:
        told, _ = await told_of(address, pcm(CONVERSATION), FINISH, query="?keywords=stop,go&keywords=up")
        assert told[0]["keywords"] == ["up", "stop", "go"]
        assert [message["keyword"] for message in told[1:-1]] == ["stop"]
        told, _ = await told_of(address, pcm(CONVERSATION), FINISH, query="?threshold=0.99&model=keywords")
        assert told[1:-1] == []

    @pytest.mark.parametrize("sound", [b"", b"\0", b"\0\0", pcm(noise(3.0)), pcm(spoken(3.0))])
    async def test_no_words(self, address: str, sound: bytes) -> None:
        told, code = await told_of(address, sound, FINISH)
        assert [message["type"] for message in told] == ["ready", "end"]
        assert (told[-1]["duration_seconds"], code) == (round(len(sound) // 2 / 16_000, 2), 1000)


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "slug", "code"),
        [
            ("?keywords=yes,pumpernickel", "invalid-input", 1003),
            ("?threshold=2", "invalid-input", 1003),
            ("?threshold=nan", "invalid-input", 1003),
            ("?sample_rate_hz=100", "invalid-input", 1003),
            ("?sample_rate_hz=16000.5", "invalid-input", 1003),
            ("?sample_rate=16000", "invalid-input", 1003),
            ("?model=other", "model-not-found", 1008),
            ("?model=keywords/7", "model-not-found", 1008),
        ],
    )
    async def test_queries(self, address: str, query: str, slug: str, code: int) -> None:
        told, closed_with = await told_of(address, query=query)
        assert (problem(told), closed_with) == (slug, code)
        assert "pumpernickel" not in json.dumps(told)

    @pytest.mark.parametrize(
        "text", ["", "finish", "{}", '{"type": "stop"}', "[" * 5_000, '{"type": "finish", "x": 1}']
    )
    async def test_texts_that_mean_nothing(self, address: str, text: str) -> None:
        told, code = await told_of(address, text)
        assert (told[0]["type"], problem(told), code) == ("ready", "invalid-input", 1003)

    async def test_limits(self) -> None:
        with listening(max_frame_bytes=50_000, max_listen_seconds=30.0) as address:
            told, code = await told_of(address, bytes(50_002))
            assert (problem(told), told[-1]["problem"]["limit"], code) == ("too-large", 50_000, 1008)
            told, code = await told_of(address, *[bytes(50_000)] * 5, query="?sample_rate_hz=4000")
            assert (problem(told), told[-1]["problem"]["limit"], code) == ("too-large", 30.0, 1008)

    async def test_who_is_silent_is_given_up(self) -> None:
        with listening(listen_wait_seconds=0.2, max_listen_seconds=60.0) as address:
            told, code = await told_of(address)
        assert (problem(told), code) == ("timed-out", 1008)

    async def test_who_sends_nothing_but_signs_of_life_is_given_up(self) -> None:
        with listening(max_listen_seconds=1.0) as address:
            async with connect(address) as websocket:
                answers = asyncio.create_task(rest(websocket))
                while not answers.done():
                    try:
                        await websocket.send(b"")
                    except ConnectionClosed:
                        break
                    await asyncio.sleep(0.02)
                told = await answers
        assert (problem(told), websocket.close_code) == ("timed-out", 1008)

    async def test_more_listeners_than_places(self) -> None:
        with listening(listeners_at_once=2) as address:
            async with connect(address) as first, connect(address) as second:
                await first.recv()
                await second.recv()
                told, code = await told_of(address)
                assert (problem(told), code) == ("busy", 1013)
                await first.close()
                told, code = await until_there_is_room(address)
        assert [message["type"] for message in told] == ["ready", "end"]

    async def test_an_address_that_is_none(self, address: str) -> None:
        with pytest.raises(Exception, match="403"):
            await told_of(address.replace("listen", "lists"))


class TestAround:
    async def test_metrics_and_logs_hold_no_words(self, address: str, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("INFO", logger="timbre"):
            await told_of(address, pcm(CONVERSATION), FINISH, query="?keywords=stop")
            await told_of(address, query="?keywords=pumpernickel")
        lines = [record for record in caplog.records if record.name == "timbre.requests"]
        assert [(line.__dict__["method"], line.__dict__["status"]) for line in lines] == [
            ("WEBSOCKET", 1000),
            ("WEBSOCKET", 1003),
        ]
        http_address = address.replace("ws://", "http://").replace("/v1/audio/keywords/listen", "")
        metrics = httpx.get(f"{http_address}/metrics").text
        logged = json.dumps([line.__dict__ for line in lines], default=str)
        assert "pumpernickel" not in logged + metrics
        assert "stop" not in logged + metrics
        labels = 'method="WEBSOCKET",route="/v1/audio/keywords/listen"'
        assert f'timbre_requests_total{{{labels},status="1000"}}' in metrics

    async def test_many_clients_hear_their_own_words(self, address: str) -> None:
        words = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]

        async def check(word: str) -> None:
            told, _ = await told_of(address, *cut(pcm(spoken(0.6, word, 0.8)), [9_000] * 5), FINISH)
            assert [message["keyword"] for message in told[1:-1]] == [word]

        await asyncio.gather(*(check(word) for word in words))

    async def test_who_leaves_in_the_middle_disturbs_nobody(self, address: str) -> None:
        for _ in range(3):
            async with connect(address) as websocket:
                await websocket.send(pcm(CONVERSATION))
                websocket.transport.abort()
        told, code = await told_of(address, pcm(CONVERSATION), FINISH)
        assert (told[-1]["matches"], code) == (2, 1000)

    async def test_a_server_that_ends_says_so(self) -> None:
        with listening() as address:
            websocket = await connect(address)
            await websocket.recv()
        await websocket.wait_closed()
        assert websocket.close_code == 1012
