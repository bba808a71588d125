"""POST /v1/audio/speaker as documented: every format, abstention, limits, and nobody gets another's answer."""

import asyncio
import json

import httpx
import numpy as np
import pytest

from services.speaker.engine import Heard
from services.speaker.engines.fake import Fake
from services.speaker.features import Frames
from shared.audio import Sound, encode
from tests.gate import Gate
from tests.problems import slug
from tests.recordings import LIMITS, NAMES, REFUSED, WRONG_FORMS
from tests.services.speaker.conftest import Serve
from tests.serving import sent_to_one_who_leaves
from tests.sounds import FILE_FORMATS, buzz, silence

PATH = "/v1/audio/speaker"

pytestmark = pytest.mark.anyio


def wav(sound: Sound) -> bytes:
    return encode(sound, "wav")


async def post(http: httpx.AsyncClient, recording: bytes, name: str = "recording") -> httpx.Response:
    return await http.post(PATH, files={"file": (name, recording)})


class TestAnswer:
    async def test_members(self, serve: Serve, man: Sound) -> None:
        async with serve() as http:
            answer = (await post(http, wav(man))).json()
        assert list(answer) == ["model", "speech_seconds", "gender", "age", "models", "segments"]
        assert answer["model"] == "gender/fake+age/fake"
        assert [one["model"] for one in answer["models"]] == ["gender/fake", "age/fake"]
        assert answer["segments"] is None
        assert 1 < answer["speech_seconds"] < man.seconds
        gender, age = answer["gender"], answer["age"]
        assert list(gender) == ["label", "scores", "reason"]
        assert list(gender["scores"]) == ["female", "male"]
        assert gender["label"] == "male" == max(gender["scores"], key=gender["scores"].get)
        assert sum(gender["scores"].values()) == pytest.approx(1, abs=0.001)
        assert list(age) == ["years", "interval", "group", "reason"]
        assert age["interval"][0] < age["years"] < age["interval"][1]
        assert gender["reason"] is age["reason"] is None

    @pytest.mark.parametrize("format_name", FILE_FORMATS)
    async def test_every_format(self, serve: Serve, woman: Sound, files: dict[str, bytes], format_name: str) -> None:
        async with serve() as http:
            answer = await post(http, files[format_name])
        assert answer.status_code == 200, answer.text
        assert answer.json()["gender"]["label"] == "female"
        assert answer.json()["speech_seconds"] == pytest.approx(0.8 * woman.seconds, rel=0.2)

    async def test_the_same_recording_has_the_same_answer_whatever_its_name(
        self, serve: Serve, files: dict[str, bytes]
    ) -> None:
        async with serve() as http:
            answers = [(await post(http, files["flac"], name)).text for name in NAMES]
        assert len(set(answers)) == 1
        assert json.loads(answers[0])["model"] == "gender/fake+age/fake"

    @pytest.mark.parametrize(
        ("sound", "reason"),
        [(silence(3), "no_speech"), (silence(0.01), "no_speech"), (buzz(200, 0.5), "too_little_speech")],
    )
    async def test_too_little_speech_is_told(self, serve: Serve, sound: Sound, reason: str) -> None:
        async with serve() as http:
            answer = (await post(http, wav(sound))).json()
        assert answer["gender"] == {"label": "unknown", "scores": {"female": 0.5, "male": 0.5}, "reason": reason}
        assert answer["age"] == {"years": None, "interval": None, "group": None, "reason": reason}

    async def test_of_a_damaged_recording_what_decodes_is_judged(self, serve: Serve, files: dict[str, bytes]) -> None:
        async with serve() as http:
            answer = await post(http, files["mp3"][: len(files["mp3"]) * 2 // 3])
        assert answer.json()["gender"]["label"] == "female"


class TestSegments:
    async def test_who_speaks_when(self, serve: Serve) -> None:
        sounds = (buzz(220, 5.12), silence(5.12), buzz(100, 3))
        whole = Sound(np.concatenate([sound.samples for sound in sounds]), 16_000)
        async with serve() as http:
            answer = await http.post(PATH, files={"file": wav(whole)}, data={"segments": "true"})
        segments = answer.json()["segments"]
        assert [one["gender"]["label"] for one in segments] == ["female", "unknown", "male"]
        assert segments[1]["gender"]["reason"] == "no_speech"
        edges = [segments[0]["start_seconds"], *(one["end_seconds"] for one in segments)]
        assert edges == pytest.approx([0, 5.12, 10.24, 13.24], abs=0.01)
        assert [one["start_seconds"] for one in segments] == edges[:-1]
        assert answer.json()["gender"]["reason"] == answer.json()["age"]["reason"] == "several_voices"

    async def test_of_a_long_recording(self, serve: Serve) -> None:
        minute = encode(Sound(np.tile(buzz(220, 1).samples, 130), 16_000), "flac")
        async with serve() as http:
            answer = (await http.post(PATH, files={"file": minute}, data={"segments": "true"})).json()
        assert answer["speech_seconds"] == pytest.approx(130, abs=0.1)
        assert [(one["start_seconds"], one["end_seconds"]) for one in answer["segments"]] == [(0, 130)]

    async def test_what_is_no_choice(self, serve: Serve) -> None:
        async with serve() as http:
            answer = await http.post(PATH, files={"file": wav(buzz(220, 1))}, data={"segments": "perhaps"})
        assert (answer.status_code, slug(answer)) == (400, "invalid-input")


class TestRefusals:
    @pytest.mark.parametrize(("recording", "status", "expected"), REFUSED)
    async def test_what_is_no_recording(self, serve: Serve, recording: bytes, status: int, expected: str) -> None:
        async with serve() as http:
            answer = await post(http, recording)
        assert (answer.status_code, slug(answer)) == (status, expected)

    async def test_limits_are_named(self, serve: Serve) -> None:
        two_seconds = wav(buzz(120, 2))
        for settings, limit in LIMITS:
            async with serve() as roomy, serve(**settings) as http:
                assert (await post(roomy, two_seconds)).status_code == 200
                answer = await post(http, two_seconds)
            assert (answer.status_code, slug(answer)) == (413, "too-large")
            assert answer.json()["limit"] == limit

    async def test_a_small_file_of_an_hour_is_too_long(self, serve: Serve) -> None:
        hour = encode(Sound(np.zeros(3600 * 8_000, np.float32), 8_000), "flac")
        assert len(hour) < 1_000_000
        async with serve(max_recording_seconds=60) as http:
            answer = await post(http, hour)
        assert (answer.status_code, answer.json()["limit"]) == (413, 60)

    @pytest.mark.parametrize(
        "form",
        [
            *WRONG_FORMS,
            {"files": {"file": b"x"}, "data": {"model": "other"}},
        ],
    )
    async def test_other_forms(self, serve: Serve, form: dict[str, object]) -> None:
        async with serve() as http:
            answer = await http.post(PATH, **form)
        assert (answer.status_code, slug(answer)) == (400, "invalid-input")

    async def test_an_engine_that_fails(self, serve: Serve) -> None:
        async with serve(speaker_engine="fake-failing") as http:
            answer = await post(http, wav(buzz(120, 2)))
        assert (answer.status_code, slug(answer)) == (500, "engine-failed")


class TestTogether:
    async def test_full_queue_is_busy(self, serve: Serve, gate: Gate) -> None:
        recording = wav(buzz(120, 2))
        async with serve(recordings_at_once=1, queue=1) as http:
            first = asyncio.create_task(post(http, recording))
            await gate.entered()
            others = [asyncio.create_task(post(http, recording)) for _ in range(4)]
            done, waiting = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
            while len(done) < 3:
                more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                done |= more
            gate.open()
            served = [await first, *[await task for task in waiting]]
        refused = [task.result() for task in done]
        assert [answer.status_code for answer in served] == [200, 200]
        assert [(slug(answer), answer.headers["retry-after"]) for answer in refused] == [("busy", "1")] * 3

    async def test_no_more_is_judged_at_once_than_there_are_slots(self, serve: Serve, gate: Gate) -> None:
        async with serve(slots=2, recordings_at_once=8) as http:
            tasks = [asyncio.create_task(post(http, wav(buzz(pitch, 1)))) for pitch in range(80, 320, 40)]
            await gate.entered(2)
            gate.open()
            assert [(await task).status_code for task in tasks] == [200] * 6
        assert gate.most == 2

    async def test_a_client_that_leaves_frees_its_place(self, serve: Serve, gate: Gate) -> None:
        recording = wav(buzz(120, 2))
        async with serve(recordings_at_once=1, queue=0) as http:
            request = http.build_request("POST", PATH, files={"file": recording})
            sent = await sent_to_one_who_leaves(http, request, gate.entered)
            gate.open()
            assert sent[0]["status"] == 499
            assert (await post(http, recording)).status_code == 200

    async def test_callers_get_their_own_answers(self, serve: Serve) -> None:
        sounds = [buzz(80 + 8 * number, 1 + number / 16) for number in range(30)]

        async def check(http: httpx.AsyncClient, sound: Sound) -> None:
            answer = (await post(http, encode(sound, "flac"))).json()
            assert answer == alone[sound.samples.tobytes()]

        async with serve() as http:
            alone = {one.samples.tobytes(): (await post(http, encode(one, "flac"))).json() for one in sounds}
            assert len({json.dumps(answer) for answer in alone.values()}) == len(sounds)
            await asyncio.gather(*(check(http, sound) for sound in sounds))

    async def test_metrics_and_logs_hold_nothing_of_the_recording(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("DEBUG", logger="timbre"):
            async with serve() as http:
                await post(http, wav(buzz(120, 2)), "Pumpernickel.wav")
                await post(http, b"Pumpernickel", "Pumpernickel.wav")
                await http.post(PATH, files={"Pumpernickel": b"x"})
                metrics = (await http.get("/metrics")).text
        logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
        assert "Pumpernickel" not in logged + metrics
        for model in ("gender", "age"):
            assert f'timbre_engine_duration_seconds_count{{engine="{model}"}} 1.0' in metrics
        assert 'timbre_requests_total{method="POST",route="/v1/audio/speaker",status="200"} 1.0' in metrics


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """The fake engine for gender hears only when the gate is open."""
    gate, hear = Gate(), Fake.hear

    def gated(engine: Fake, frames: Frames) -> Heard:
        if not engine.is_for_age:
            gate.pass_through()
        return hear(engine, frames)

    monkeypatch.setattr(Fake, "hear", gated)
    return gate
