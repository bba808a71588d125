"""The live websocket, by real clients at a served app: what is said, its limits, and how it ends."""

import asyncio
import gc
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from services.stt.app import create_app
from services.stt.engine import ENGINES, Segment, SpeechEngine, Wishes
from services.stt.engines.fake import Fake
from services.stt.engines.pocketsphinx import PocketSphinx
from services.stt.listening import LONGEST_SECONDS, Conversation, Ear
from services.stt.settings import SttSettings
from services.stt.transcriber import Transcriber
from shared.audio import Samples, resample
from tests.services.stt.patient import Patient
from tests.serving import served
from tests.sounds import RATE_HZ, spoken
from tests.started import patiently
from tests.websockets import FINISH, Message, cut, problem, rest, told_of, until_there_is_room

WOMAN, MAN = spoken("slt").samples, spoken("rms").samples
"""Between four and five seconds, each of the same sentence."""

pytestmark = pytest.mark.anyio


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def pcm(*parts: Samples, rate_hz: int = RATE_HZ) -> bytes:
    samples = resample(np.concatenate(parts), RATE_HZ, rate_hz)
    return np.rint(samples * 32_767).clip(-32_768, 32_767).astype("<i2").tobytes()


CONVERSATION = pcm(quiet(0.5), WOMAN, quiet(1.5), MAN, quiet(0.4))
PARTS = cut(CONVERSATION, [200_000])


@contextmanager
def live(**settings: object) -> Iterator[str]:
    """Serve the service; yield the websocket's address."""
    with served(create_app(SttSettings(**{"stt_engine": "fake", "slots": 2, **settings}))) as address:
        yield f"{address.replace('http', 'ws')}/v1/audio/transcriptions/live"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with live() as address:
        yield address


async def test_work_is_measured_under_the_name_of_the_model_that_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "further", "services.stt.engines.fake:Fake")
    with live(stt_further_models="further") as address:
        told, _ = await told_of(address, *PARTS, FINISH, query="?model=further")
        async with httpx.AsyncClient(trust_env=False) as http:
            metrics = (await http.get(address.replace("ws", "http").partition("/v1")[0] + "/metrics")).text
    assert told[0]["model"].startswith("further/")
    assert 'timbre_engine_duration_seconds_count{engine="further"}' in metrics
    assert 'engine="fake"' not in metrics


async def test_what_one_client_says_is_in_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the first utterance and the last one are so short that this engine would take them for German."""
    monkeypatch.setitem(ENGINES, "polyglot", "tests.services.stt.polyglot:Polyglot")
    sound = pcm(WOMAN, quiet(1.5), MAN, WOMAN, quiet(1.5), MAN)
    with live(stt_engine="polyglot") as address:
        told, _ = await told_of(address, *cut(sound, [200_000, 200_000, 150_000]), FINISH)
    assert [text for text, _, _ in finals(told)] == ["In de.", "In en.", "In en."]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AbstractContextManager[str]]:
    """`with patient(held=[0]) as address` serves an engine whose first call waits for `Patient.gate`."""
    monkeypatch.setitem(ENGINES, "patient", "tests.services.stt.patient:Patient")

    @contextmanager
    def serve(held: tuple[int, ...] = (), failing: tuple[int, ...] = (), **settings: object) -> Iterator[str]:
        Patient.begin()  # the first call of all warms the engine up
        with live(stt_engine="patient", **settings) as address:
            Patient.begin(held, failing)
            try:
                yield address
            finally:
                Patient.gate.set()

    return serve


def expected(sound: bytes, engine: SpeechEngine | None = None, *, words: bool = False) -> list[list[Segment]]:
    """Return what the bare engine makes of each utterance."""
    engine = engine or Fake()
    ear = Ear(RATE_HZ, engine)
    utterances = ear.feed(np.frombuffer(sound, "<i2").astype(np.float32) / 32_768) + ear.finish()
    return [Transcriber(engine).heard([utterance], Wishes(word_times=words)) for utterance in utterances]


def of_kind(told: list[Message], *kinds: str) -> list[Message]:
    return [message for message in told if message["type"] in kinds]


def finals(told: list[Message]) -> list[tuple[str, float, float]]:
    return [(said["text"], said["start_seconds"], said["end_seconds"]) for said in of_kind(told, "final")]


def as_finals(utterances: list[list[Segment]]) -> list[tuple[str, float, float]]:
    return [
        (" ".join(part.text for part in parts), round(parts[0].start_seconds, 3), round(parts[-1].end_seconds, 3))
        for parts in utterances
    ]


async def told_until(websocket: ClientConnection, kind: str) -> Message:
    async with asyncio.timeout(100):
        while (message := json.loads(await websocket.recv()))["type"] != kind:
            pass
    return message


class TestText:
    async def test_a_conversation(self, address: str) -> None:
        told, code = await told_of(address, *PARTS, FINISH)
        assert told[0] == {"type": "ready", "model": "fake/1", "sample_rate_hz": 16_000}
        assert finals(told) == as_finals(expected(CONVERSATION))
        assert len(finals(told)) == 2
        assert all(text for text, _, _ in finals(told))
        assert list(of_kind(told, "final")[0]) == ["type", "text", "start_seconds", "end_seconds"]
        assert told[-1] == {"type": "end", "duration_seconds": round(len(CONVERSATION) / 2 / RATE_HZ, 3)}
        assert code == 1000

    @pytest.mark.parametrize("seed", range(4))
    async def test_messages_of_any_size_give_the_same_text(self, address: str, seed: int) -> None:
        draw = np.random.default_rng(seed)
        sizes = draw.integers(0, [300, 1_500, 9_000, 100_000][seed], size=[2_400, 400, 70, 4][seed]).tolist()
        told, _ = await told_of(address, *cut(CONVERSATION, sizes), FINISH)
        assert finals(told) == as_finals(expected(CONVERSATION))

    @pytest.mark.parametrize("rate_hz", [8_000, 44_100])
    async def test_other_sample_rates(self, address: str, rate_hz: int) -> None:
        sound = pcm(WOMAN, quiet(1.5), MAN, rate_hz=rate_hz)
        told, code = await told_of(
            address, *cut(sound, [10_001] * (len(sound) // 10_001)), FINISH, query=f"?sample_rate_hz={rate_hz}"
        )
        (_, start, _), (_, second_start, _) = finals(told)
        assert (start, second_start) == (0.0, pytest.approx(len(WOMAN) / RATE_HZ + 1.2, abs=0.3))
        assert told[-1]["duration_seconds"] == pytest.approx((len(WOMAN) + len(MAN)) / RATE_HZ + 1.5, abs=0.01)
        assert code == 1000

    async def test_words(self, address: str) -> None:
        told, _ = await told_of(address, *PARTS, FINISH, query="?words=true&model=whisper-1&language=en")
        first, second = of_kind(told, "final")
        assert first["text"] == " ".join(word["text"] for word in first["words"])
        assert list(second["words"][0]) == ["text", "start_seconds", "end_seconds", "probability"]
        assert second["words"][0]["start_seconds"] == second["start_seconds"] > first["words"][-1]["end_seconds"]

    @pytest.mark.parametrize("level", [0.0, 0.05, 0.9])
    async def test_no_speech_no_text(self, address: str, level: float) -> None:
        noise = np.random.default_rng(2).normal(scale=level, size=10 * RATE_HZ).clip(-1, 1).astype(np.float32)
        told, code = await told_of(address, *cut(pcm(noise), [8_000] * 39), FINISH)
        assert [message["type"] for message in told] == ["ready", "end"]
        assert code == 1000

    async def test_pocketsphinx_hears_what_it_hears_without_us(self) -> None:
        said = pcm(quiet(0.3), WOMAN, quiet(1.0))
        with live(stt_engine="pocketsphinx") as address:
            told, code = await told_of(address, *cut(said, [6_400] * 28), FINISH)
        assert finals(told) == as_finals(expected(said, PocketSphinx()))
        assert "brown" in finals(told)[0][0]
        assert code == 1000


class TestPartials:
    async def test_text_comes_while_an_utterance_is_spoken(self, address: str) -> None:
        async with connect(address) as websocket:
            await websocket.send(pcm(quiet(1.0), WOMAN[:32_000]))
            early = await told_until(websocket, "partial")
            assert early["text"]
            await websocket.send(pcm(WOMAN[32_000:], quiet(0.2)))
            await websocket.send(pcm(quiet(1.0)))
            final = await told_until(websocket, "final")
            assert final["text"].startswith(early["text"][:5])
            assert final["start_seconds"] == early["start_seconds"] == pytest.approx(0.7, abs=0.3)
            await websocket.send(FINISH)
            assert [message["type"] for message in await rest(websocket)] == ["end"]

    async def test_they_hold_up_neither_hearing_nor_finals(self, patient) -> None:
        with patient(held=[0]) as address:
            async with connect(address) as websocket:
                await websocket.send(pcm(WOMAN[:32_000]))
                await asyncio.to_thread(wait_for_calls, 1)
                for part in cut(pcm(WOMAN[32_000:], quiet(1.5), MAN, quiet(1.5)), [3_200] * 90):
                    await websocket.send(part)
                first, second = await told_until(websocket, "final"), await told_until(websocket, "final")
                assert second["start_seconds"] > first["end_seconds"]
                Patient.gate.set()
                await websocket.send(FINISH)
                assert "partial" not in [message["type"] for message in await rest(websocket)]
        assert (Patient.calls, Patient.most_at_once) == (3, 2)

    async def test_an_engine_that_fails_at_one_is_a_problem(self, patient) -> None:
        with patient(failing=[0]) as address:
            async with connect(address) as websocket:
                answers = asyncio.create_task(rest(websocket))
                while not answers.done():
                    await send_while_open(websocket, pcm(WOMAN))
                assert problem(await answers) == "engine-failed"
                assert websocket.close_code == 1011

    async def test_long_speech_is_cut(self, address: str) -> None:
        sound = pcm(*[WOMAN, quiet(0.3)] * 8)
        told, _ = await told_of(address, *cut(sound, [64_000] * 19), FINISH)
        assert finals(told) == as_finals(expected(sound))
        assert all(end - start <= LONGEST_SECONDS for _, start, end in finals(told))
        assert len(finals(told)) == 3


def wait_for_calls(count: int) -> None:
    for _ in patiently():
        if Patient.calls >= count:
            return
    raise AssertionError(f"{Patient.calls} calls")


async def send_while_open(websocket: ClientConnection, data: bytes) -> None:
    try:
        await websocket.send(data)
        await asyncio.sleep(0.02)
    except ConnectionClosed:
        await asyncio.sleep(0.02)


class TestManyClients:
    async def test_they_never_mix(self, address: str) -> None:
        says = [pcm(WOMAN[start:], quiet(0.8 + start / RATE_HZ), MAN[start:]) for start in range(0, 24_000, 4_000)]

        async def check(sound: bytes) -> None:
            told, _ = await told_of(address, *cut(sound, [9_001] * (len(sound) // 9_001)), FINISH)
            assert finals(told) == as_finals(expected(sound))
            assert all(partial["text"] for partial in of_kind(told, "partial"))

        assert len({str(as_finals(expected(sound))) for sound in says}) == len(says)
        await asyncio.gather(*(check(sound) for sound in says))

    async def test_who_sends_faster_than_it_is_heard_has_to_wait(self, patient) -> None:
        minute = pcm(WOMAN, quiet(1.0)) + bytes(2 * 60 * RATE_HZ)
        with patient(held=[0, 1]) as address:
            async with connect(address, compression=None) as websocket:
                sent = 0

                async def send() -> None:
                    nonlocal sent
                    for _ in range(12):
                        for part in cut(minute, [65_536] * (len(minute) // 65_536)):
                            await websocket.send(part)
                            sent += len(part)

                sending = asyncio.create_task(send())
                held = await asyncio.to_thread(until_it_stands_still, lambda: sent)
                assert held < 16_000_000 < 12 * len(minute)
                Patient.gate.set()
                answers = asyncio.create_task(rest(websocket))
                await sending
                await websocket.send(FINISH)
                told = await answers
        assert len(finals(told)) == 12
        assert told[-1] == {"type": "end", "duration_seconds": round(12 * len(minute) / 2 / RATE_HZ, 3)}

    async def test_who_vanishes_leaves_nothing(self, patient) -> None:
        with patient(held=[1], listeners_at_once=4) as address:
            for _ in range(4):
                async with connect(address) as websocket:
                    await websocket.send(PARTS[0])
                    websocket.transport.abort()
            Patient.gate.set()
            told, _ = await until_there_is_room(address)
            assert [message["type"] for message in told] == ["ready", "end"]
            await asyncio.to_thread(until_there_are_none, Conversation)
            told, code = await told_of(address, *PARTS, FINISH)
        assert (finals(told), code) == (as_finals(expected(CONVERSATION)), 1000)

    async def test_more_of_them_than_places(self) -> None:
        with live(listeners_at_once=1) as address:
            async with connect(address) as first:
                await told_until(first, "ready")
                told, code = await told_of(address)
                assert (problem(told), code) == ("busy", 1013)
            told, _ = await until_there_is_room(address)
        assert [message["type"] for message in told] == ["ready", "end"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "slug", "code"),
        [
            ("?sample_rate_hz=100", "invalid-input", 1003),
            ("?sample_rate=16000", "invalid-input", 1003),
            ("?language=pumpernickel", "invalid-input", 1003),
            ("?words=perhaps", "invalid-input", 1003),
            ("?model=pumpernickel", "model-not-found", 1008),
            ("?keywords=", "invalid-input", 1003),
        ],
    )
    async def test_queries(self, address: str, query: str, slug: str, code: int) -> None:
        told, closed_with = await told_of(address, query=query)
        assert (problem(told), closed_with) == (slug, code)
        assert "pumpernickel" not in json.dumps(told)

    async def test_what_the_model_cannot_do(self) -> None:
        with live(stt_engine="pocketsphinx") as address:
            for query, param in (("?language=de", "language"), ("?keywords=word", "keywords")):
                told, code = await told_of(address, query=query)
                assert (told[-1]["problem"]["status"], told[-1]["problem"]["param"], code) == (400, param, 1003)

    @pytest.mark.parametrize("text", ["", "finish", "{}", '{"type": "stop"}', "[" * 5_000])
    async def test_texts_that_mean_nothing(self, address: str, text: str) -> None:
        told, code = await told_of(address, pcm(WOMAN[:8_001]), text)
        assert (told[0]["type"], problem(told), code) == ("ready", "invalid-input", 1003)

    async def test_limits(self) -> None:
        with live(max_frame_bytes=50_000, max_listen_seconds=30.0) as address:
            told, code = await told_of(address, bytes(50_002))
            assert (problem(told), told[-1]["problem"]["limit"], code) == ("too-large", 50_000, 1008)
            told, code = await told_of(address, *[bytes(50_000)] * 5, query="?sample_rate_hz=4000")
            assert (problem(told), told[-1]["problem"]["limit"], code) == ("too-large", 30.0, 1008)

    async def test_who_is_silent_is_given_up(self) -> None:
        with live(listen_wait_seconds=0.2) as address:
            told, code = await told_of(address, pcm(WOMAN))
        assert (problem(told), code) == ("timed-out", 1008)

    async def test_half_a_sample_at_the_end_is_none(self, address: str) -> None:
        told, _ = await told_of(address, b"\0\0\0", FINISH)
        assert told[-1]["duration_seconds"] == pytest.approx(1 / RATE_HZ, abs=1e-3)


async def test_metrics_and_logs_hold_no_words(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="timbre"):
        told, _ = await told_of(address, *PARTS, FINISH, query="?keywords=pumpernickel")
    logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
    assert not [word for word in {*finals(told)[0][0].split(), "pumpernickel"} if word in logged]


async def test_a_server_that_ends_says_so() -> None:
    with live() as address:
        websocket = await connect(address)
        await websocket.send(pcm(WOMAN))
        await told_until(websocket, "ready")
    await websocket.wait_closed()
    assert websocket.close_code == 1012


def until_it_stands_still(count: Callable[[], int]) -> int:
    """Return the count, once it has not changed for a second."""
    same, before = 0, -1
    for _ in patiently():
        same, before = (same + 1 if before == count() else 0), count()
        if same == 20:
            break
    return count()


def until_there_are_none(kind: type) -> None:
    for _ in patiently():
        gc.collect()
        if not any(type(each) is kind for each in gc.get_objects()):
            return
    raise AssertionError(f"there is still a {kind.__name__}")
