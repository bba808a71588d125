"""POST /v1/audio/keywords as documented: every format, wishes, long recordings, limits, and nobody gets another's."""

import asyncio
import json
from itertools import pairwise

import httpx
import numpy as np
import pytest

from services.keywords.engine import Heard
from services.keywords.engines.fake import TONES_HZ, Fake
from services.keywords.features import Pictures
from shared.audio import Sound, encode
from tests.gate import Gate
from tests.problems import slug
from tests.recordings import LIMITS, NAMES, REFUSED, WRONG_FORMS
from tests.services.keywords.conftest import Serve
from tests.services.keywords.tones import noise, spoken
from tests.serving import sent_to_one_who_leaves
from tests.sounds import FILE_FORMATS, files_of

PATH = "/v1/audio/keywords"
COMMAND = spoken(0.3, "up", 0.2)
CONVERSATION = spoken(0.8, "yes", 1.0, "stop", 0.6, "go", 1.2)

pytestmark = pytest.mark.anyio


def wav(sound: Sound) -> bytes:
    return encode(sound, "wav")


async def post(
    http: httpx.AsyncClient, sound: Sound | bytes, name: str = "recording", **wishes: object
) -> httpx.Response:
    recording = sound if isinstance(sound, bytes) else wav(sound)
    return await http.post(PATH, files={"file": (name, recording)}, data=wishes)


class TestAnswer:
    async def test_a_command(self, serve: Serve) -> None:
        async with serve() as http:
            answer = (await post(http, COMMAND)).json()
        assert list(answer) == ["model", "keyword", "score", "top", "matches", "duration_seconds"]
        assert (answer["model"], answer["keyword"], answer["duration_seconds"]) == ("keywords/fake", "up", 1.0)
        assert [list(scored) for scored in answer["top"]] == [["keyword", "score"]] * 5
        assert answer["top"][0] == {"keyword": "up", "score": answer["score"]}
        [match] = answer["matches"]
        assert match == {"keyword": "up", "score": answer["score"], "start_seconds": 0.0, "end_seconds": 1.0}

    @pytest.mark.parametrize("silence_seconds", [0.0, 0.2, 0.6, 0.74])
    async def test_a_recording_up_to_two_seconds_holds_one_command(self, serve: Serve, silence_seconds: float) -> None:
        async with serve() as http:
            answer = (await post(http, spoken(silence_seconds, "up", silence_seconds))).json()
            twice = (await post(http, spoken(0.1, "up", 0.8, "yes", 0.1))).json()
        assert [match["keyword"] for match in answer["matches"]] == ["up"]
        assert len(twice["matches"]) == 1
        assert twice["duration_seconds"] == 2.0

    async def test_a_conversation(self, serve: Serve) -> None:
        async with serve() as http:
            answer = (await post(http, CONVERSATION)).json()
        matches = answer["matches"]
        assert [match["keyword"] for match in matches] == ["yes", "stop", "go"]
        for match, start in zip(matches, [0.8, 2.3, 3.4], strict=True):
            assert match["start_seconds"] == pytest.approx(start, abs=0.2)
            assert match["end_seconds"] == pytest.approx(start + 0.5, abs=0.2)
        assert answer["score"] == max(match["score"] for match in matches)

    async def test_minutes_are_scanned(self, serve: Serve) -> None:
        words = [list(TONES_HZ)[number * 7 % 10] for number in range(30)]
        sound = spoken(*(part for word in words for part in (0.9, word, 0.8)), 5.0)
        async with serve() as http:
            answer = (await post(http, sound)).json()
        assert [match["keyword"] for match in answer["matches"]] == words
        times = [(match["start_seconds"], match["end_seconds"]) for match in answer["matches"]]
        assert all(start < end for start, end in times)
        assert all(end <= start for (_, end), (start, _) in pairwise(times))
        assert times[-1][1] <= answer["duration_seconds"] == round(sound.seconds, 2)

    @pytest.mark.parametrize("format_name", FILE_FORMATS)
    async def test_every_format(self, serve: Serve, files: dict[str, bytes], format_name: str) -> None:
        async with serve() as http:
            answer = await post(http, files[format_name])
        assert answer.status_code == 200, answer.text
        assert [match["keyword"] for match in answer.json()["matches"]] == ["yes", "stop", "go"]
        assert answer.json()["duration_seconds"] == pytest.approx(CONVERSATION.seconds, abs=0.15)

    async def test_the_same_recording_has_the_same_answer_whatever_its_name(self, serve: Serve) -> None:
        async with serve() as http:
            answers = [(await post(http, COMMAND, name)).text for name in NAMES]
        assert len(set(answers)) == 1

    @pytest.mark.parametrize(
        ("sound", "keyword"),
        [(spoken(0.01), "silence"), (spoken(1.0), "silence"), (spoken(9.0), "silence"), (noise(1.0), "unknown")],
    )
    async def test_no_word(self, serve: Serve, sound: Sound, keyword: str) -> None:
        async with serve() as http:
            answer = (await post(http, sound)).json()
        assert (answer["keyword"], answer["matches"]) == (keyword, [])
        assert answer["score"] > 0.9

    async def test_of_a_damaged_recording_what_decodes_is_heard(self, serve: Serve, files: dict[str, bytes]) -> None:
        async with serve() as http:
            answer = await post(http, files["mp3"][: len(files["mp3"]) // 2])
        assert [match["keyword"] for match in answer.json()["matches"]] == ["yes"]


class TestWishes:
    @pytest.mark.parametrize("wish", [["stop", "go"], ["stop,go"], [" go , stop,"], ["go", "go,stop"]])
    async def test_allowed_words(self, serve: Serve, wish: list[str]) -> None:
        async with serve() as http:
            answer = (await post(http, CONVERSATION, keywords=wish)).json()
            other = (await post(http, COMMAND, keywords=wish)).json()
        assert [match["keyword"] for match in answer["matches"]] == ["stop", "go"]
        assert (other["keyword"], other["matches"]) == ("unknown", [])
        assert {scored["keyword"] for scored in other["top"]} == {"stop", "go", "unknown", "silence"}

    async def test_thresholds(self, serve: Serve) -> None:
        edge = spoken(0.05, "up", 0.45)
        async with serve() as http:
            usual = (await post(http, edge)).json()
            strict = (await post(http, edge, threshold="0.9")).json()
            lax = (await post(http, CONVERSATION, threshold="0")).json()
            nothing = (await post(http, CONVERSATION, threshold="1")).json()
        assert usual["keyword"] == "up"
        assert (strict["keyword"], strict["matches"]) == ("unknown", [])
        assert strict["top"] == usual["top"]
        assert len(lax["matches"]) >= 3
        assert (nothing["keyword"], nothing["matches"]) == ("unknown", [])

    async def test_the_model_by_name(self, serve: Serve) -> None:
        async with serve() as http:
            for name in ("keywords", "keywords/fake", ""):
                assert (await post(http, COMMAND, model=name)).json()["model"] == "keywords/fake"
            for name in ("keywords/2", "keyword", "../keywords", "emotion-minilm", "x" * 129):
                answer = await post(http, COMMAND, model=name)
                assert (answer.status_code, slug(answer), answer.json()["param"]) == (404, "model-not-found", "model")

    @pytest.mark.parametrize(
        ("wishes", "param"),
        [
            ({"keywords": "yes,pumpernickel"}, "keywords"),
            ({"keywords": "unknown"}, "keywords"),
            ({"threshold": "1.01"}, "threshold"),
            ({"threshold": "-0.1"}, "threshold"),
            ({"threshold": "nan"}, "threshold"),
            ({"threshold": "high"}, "threshold"),
            ({"model": "x" * 130}, "model"),
            ({"treshold": "0.5"}, "treshold"),
        ],
    )
    async def test_wishes_that_cannot_be_met(self, serve: Serve, wishes: dict[str, str], param: str) -> None:
        async with serve() as http:
            answer = await post(http, COMMAND, **wishes)
        assert (answer.status_code, slug(answer), answer.json()["param"]) == (400, "invalid-input", param)
        assert "pumpernickel" not in answer.text

    async def test_the_words_there_are_are_named(self, serve: Serve) -> None:
        async with serve() as http:
            answer = await post(http, COMMAND, keywords="pumpernickel")
        assert ", ".join(TONES_HZ) in answer.json()["detail"]


class TestRefusals:
    @pytest.mark.parametrize(("recording", "status", "expected"), REFUSED)
    async def test_what_is_no_recording(self, serve: Serve, recording: bytes, status: int, expected: str) -> None:
        async with serve() as http:
            answer = await post(http, recording)
        assert (answer.status_code, slug(answer)) == (status, expected)

    async def test_limits_are_named(self, serve: Serve) -> None:
        for settings, limit in LIMITS:
            async with serve(**settings) as http:
                answer = await post(http, CONVERSATION)
            assert (answer.status_code, slug(answer)) == (413, "too-large")
            assert answer.json()["limit"] == limit

    async def test_a_small_file_of_an_hour_is_too_long(self, serve: Serve) -> None:
        hour = encode(Sound(np.zeros(3600 * 8_000, np.float32), 8_000), "flac")
        async with serve() as http:
            answer = await post(http, hour)
        assert (answer.status_code, answer.json()["limit"]) == (413, 600)

    @pytest.mark.parametrize(
        "form",
        [
            *WRONG_FORMS,
            {"files": {"file": b"x"}, "data": {"keywords": [f"word{number}" for number in range(100)]}},
        ],
    )
    async def test_other_forms(self, serve: Serve, form: dict[str, object]) -> None:
        async with serve() as http:
            answer = await http.post(PATH, **form)
        assert (answer.status_code, slug(answer)) == (400, "invalid-input")


class TestTogether:
    async def test_full_queue_is_busy(self, serve: Serve, gate: Gate) -> None:
        async with serve(recordings_at_once=1, queue=1) as http:
            first = asyncio.create_task(post(http, COMMAND))
            await gate.entered()
            others = [asyncio.create_task(post(http, COMMAND)) for _ in range(4)]
            done: set[asyncio.Task[httpx.Response]] = set()
            waiting = set(others)
            while len(done) < 3:
                more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                done |= more
            gate.open()
            answered = [await first, *[await task for task in waiting]]
        refused = [task.result() for task in done]
        assert [answer.status_code for answer in answered] == [200, 200]
        assert [(slug(answer), answer.headers["retry-after"]) for answer in refused] == [("busy", "1")] * 3

    async def test_a_long_recording_lets_others_have_their_turn(self, serve: Serve, gate: Gate) -> None:
        async with serve(slots=1) as http:
            long = asyncio.create_task(post(http, spoken(60.0)))
            await gate.entered()
            short = asyncio.create_task(post(http, COMMAND))
            gate.open()
            assert (await short).json()["keyword"] == "up"
            assert not long.done()
            assert (await long).json()["keyword"] == "silence"

    async def test_work_ends_when_the_client_leaves(self, serve: Serve, gate: Gate) -> None:
        async with serve(recordings_at_once=1, queue=0) as http:
            request = http.build_request("POST", PATH, files={"file": wav(spoken(60.0))})
            sent = await sent_to_one_who_leaves(http, request, gate.entered)
            gate.open()
            assert sent[0]["status"] == 499
            assert (await post(http, COMMAND)).status_code == 200
        assert gate.brought < 100, "the rest of a minute was heard for nobody"

    async def test_callers_get_their_own_answers(self, serve: Serve) -> None:
        async def check(http: httpx.AsyncClient, word: str) -> None:
            assert (await post(http, spoken(0.2, word, 0.3))).json()["keyword"] == word

        async with serve() as http:
            await asyncio.gather(*(check(http, word) for word in [*TONES_HZ] * 3))

    async def test_metrics_and_logs_hold_nothing_of_the_recording(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("DEBUG", logger="timbre"):
            async with serve() as http:
                await post(http, COMMAND, "Pumpernickel.wav")
                await post(http, b"Pumpernickel", "Pumpernickel.wav")
                await post(http, COMMAND, keywords="Pumpernickel")
                metrics = (await http.get("/metrics")).text
        logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
        assert "Pumpernickel" not in logged + metrics
        assert 'timbre_engine_duration_seconds_count{engine="keywords"} 1.0' in metrics
        assert 'timbre_requests_total{method="POST",route="/v1/audio/keywords",status="200"} 1.0' in metrics


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """The fake engine hears only when the gate is open."""
    gate, hear = Gate(), Fake.hear

    def gated(engine: Fake, pictures: Pictures) -> Heard:
        gate.pass_through(len(pictures))
        return hear(engine, pictures)

    monkeypatch.setattr(Fake, "hear", gated)
    return gate


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The conversation in every kind of file."""
    return files_of(CONVERSATION)
