"""Jobs from the call to the results: real processes, real HTTP, real SQLite."""

import io
import json
import secrets
import sqlite3
import time
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
import soundfile

from gateway.jobs.parts import cut
from shared.audio import AudioLimits, decode
from shared.text.limits import Limits
from shared.text.parse import parse_text
from tests.gateway.jobs.stack import CALLER, STRANGER, Stack, ended, fetched, order, posted_at_once, running, submitted
from tests.started import patiently

MIXED = "What a wonderful morning! But who took my bicycle? I am furious.\n\nThe table is brown."
LONG = " ".join(f"Sentence number {number} is one of many in a text that is long." for number in range(60))
ENDLESS = " ".join(f"Sentence {number} of a text without an end." for number in range(4_000))
RATE_HZ = 16_000
SLOPE = RATE_HZ // 200
"""Sound is faded in and out over so many samples, at a join once more."""
Sound = np.ndarray[tuple[int], np.dtype[np.int16]]
KEPT = {
    "SELECT inputs FROM workflow_input WHERE workflow_uuid = ?": 1,
    "SELECT output FROM workflow_output WHERE workflow_uuid = ?": 1,
    "SELECT output FROM operation_outputs WHERE workflow_uuid = ?": 5,
}
"""What the job engine keeps of a job, and how many of it there are at least."""
NOBODY_S = "job_" + "0" * 24


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, engines: Stack) -> Iterator[Stack]:
    """A gateway and a worker."""
    with running(tmp_path_factory.mktemp("stack"), "gateway", "worker", **engines.as_services) as stack:
        yield stack


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory, engines: Stack) -> Iterator[Stack]:
    """A gateway without a worker: its jobs wait."""
    limits = {"TIMBRE_JOBS_PER_KEY": "60", "TIMBRE_JOBS_WAITING": "1000"}
    with running(tmp_path_factory.mktemp("idle"), "gateway", **engines.as_services, **limits) as stack:
        yield stack


@pytest.fixture
def waiting(idle: Stack) -> Iterator[httpx.Client]:
    """A client of the gateway whose jobs wait; each test is a caller of its own."""
    with idle.client(f"tmb_{secrets.token_hex(4)}") as http:
        yield http


def samples_of(wav: bytes) -> Sound:
    with wave.open(io.BytesIO(wav)) as reader:
        return np.frombuffer(reader.readframes(10**9), np.int16)


def sentences_of(sound: Sound) -> list[Sound]:
    """Return what is between the long silences."""
    heard = np.flatnonzero(sound)
    (ends,) = np.nonzero(np.diff(heard) > 0.2 * RATE_HZ)
    starts, stops = heard[[0, *(ends + 1)]], heard[[*ends, -1]]
    return [sound[start:stop] for start, stop in zip(starts, stops, strict=True)]


def with_a_part_of_its_own(signs: str) -> str:
    """Return a text whose last sentence is these signs, and its last part too."""
    for filling in range(60):
        text = f"{'This is a sentence of a text. ' * 26}{'x' * filling}.\n\n{signs}"
        *_, last = cut(parse_text(text, "text", Limits(), "en"))
        if last.sentences[0].text.strip() == signs:
            return text
    raise AssertionError("no text is cut so")


def problem_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return dict(answer.json())


class TestResults:
    def test_a_text_becomes_speech_and_its_tagged_text_and_both_are_kept(self, http: httpx.Client) -> None:
        taken = http.post("/v1/jobs", json=order(MIXED))
        assert taken.status_code == 202
        job = taken.json()
        assert (job["state"], job["kind"], job["results"]) == ("queued", "emotional-speech", [])
        assert taken.headers["location"] == f"/v1/jobs/{job['id']}"
        job = ended(http, job["id"])
        assert [result["name"] for result in job["results"]] == ["audio", "tagged", "text"]
        results = fetched(http, job)
        assert results["text"].decode() == MIXED
        assert b'style="happy"' in results["tagged"]
        assert b'style="angry"' in results["tagged"]
        assert decode(results["audio"], AudioLimits()).seconds > 3
        assert {result["name"]: result["bytes"] for result in job["results"]} == {
            name: len(contents) for name, contents in results.items()
        }

    @pytest.mark.parametrize("text", ["Good morning.", LONG])
    def test_sound_says_that_nobody_spoke_it(self, http: httpx.Client, text: str) -> None:
        job = ended(http, submitted(http, order(text)))
        assert job["results"][0]["models"] == ["fake/fake"]
        assert all("models" not in result for result in job["results"][1:])
        sound, tagged = (http.get(result["href"]) for result in job["results"][:2])
        assert (sound.headers["x-timbre-synthetic"], sound.headers["x-timbre-model"]) == ("true", "fake/fake")
        assert "x-timbre-model" not in tagged.headers
        with soundfile.SoundFile(io.BytesIO(sound.content)) as file:
            assert file.comment == "Synthetic speech, made by Timbre with: fake/fake"

    def test_a_job_that_ended_says_when(self, http: httpx.Client) -> None:
        job = ended(http, submitted(http, order("Good morning.")))
        created, started, end, expires = (
            datetime.fromisoformat(job[name]) for name in ("created", "started", "ended", "expires")
        )
        assert created <= started <= end
        assert (expires - end).days == 30
        assert (job["progress"], job["step"], job["error"]) == (1.0, None, None)

    def test_tagged_text_sent_back_sounds_the_same(self, http: httpx.Client) -> None:
        first = fetched(http, ended(http, submitted(http, order(f"{MIXED} {LONG}"))))
        tagged = first["tagged"].decode()
        second = fetched(http, ended(http, submitted(http, order(tagged, text_type="ssml"))))
        assert second["audio"] == first["audio"]
        assert second["text"] == second["tagged"] == first["tagged"]

    @pytest.mark.parametrize("speed", [1.0, 1.7])
    def test_parts_sound_as_the_whole_does(self, http: httpx.Client, engines: Stack, speed: float) -> None:
        text = LONG.replace("number 30 ", "number 30\n\n")
        results = fetched(http, ended(http, submitted(http, order(text, speed=speed))))
        wish = {"input": results["tagged"].decode(), "text_type": "ssml", "response_format": "wav", "speed": speed}
        answer = httpx.post(f"{engines.url('tts')}/v1/audio/speech", json=wish, timeout=60, trust_env=False)
        whole, parts = (samples_of(wav) for wav in (answer.content, results["audio"]))
        for part, same in zip(sentences_of(parts), sentences_of(whole), strict=True):
            assert same[SLOPE:-SLOPE].tobytes() in part.tobytes()
        # At a join the silence that the engine leaves behind a sentence is a part of the pause.
        assert len(parts) == pytest.approx(len(whole), abs=0.1 * RATE_HZ * len(LONG) / 800)

    @pytest.mark.parametrize("signs", ["\N{SLIGHTLY SMILING FACE}", "* * *", "..."])
    def test_a_text_may_end_in_signs_that_are_not_spoken(self, http: httpx.Client, signs: str) -> None:
        results = fetched(http, ended(http, submitted(http, order(with_a_part_of_its_own(signs)))))
        assert samples_of(results["audio"]).any()

    @pytest.mark.parametrize(
        ("name", "media_type"), [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("pcm", "audio/pcm")]
    )
    def test_a_result_has_the_format_that_was_asked_for(self, http: httpx.Client, name: str, media_type: str) -> None:
        job = ended(http, submitted(http, order("Good morning.", response_format=name)))
        answer = http.get(job["results"][0]["href"])
        assert answer.headers["content-type"] == job["results"][0]["media_type"] == media_type
        assert int(answer.headers["content-length"]) == len(answer.content) > 1000

    def test_own_tags_are_taken_at_their_word(self, http: httpx.Client) -> None:
        tagged = "[sad]What a wonderful morning![/sad] I am furious."
        results = fetched(http, ended(http, submitted(http, order(tagged, text_type="tagged"))))
        assert b'style="sad"' in results["tagged"]
        assert b"happy" not in results["tagged"]
        assert b"angry" not in results["tagged"]

    def test_only_the_results_are_kept_and_nothing_is_pickled(self, http: httpx.Client, stack: Stack) -> None:
        job = ended(http, submitted(http, order(LONG)))
        mine = {name.rpartition("/")[2] for name in stack.stored() if job["id"] in name}
        assert mine == {"audio.wav", "tagged.ssml", "text.txt"}
        with closing(sqlite3.connect(stack.folder / "jobs.sqlite")) as database:
            for query, least in KEPT.items():
                kept = [text for (text,) in database.execute(query, [job["id"]])]
                assert len(kept) >= least
                for text in kept:
                    orjson.loads(text)

    def test_a_result_that_is_none_is_not_found(self, http: httpx.Client) -> None:
        job = ended(http, submitted(http, order("Good morning.")))
        for name in ("video", "audio.wav", "..%2Ftext", "parts"):
            problem_of(http.get(f"/v1/jobs/{job['id']}/results/{name}"), 404)


class TestFailures:
    @pytest.mark.parametrize(
        ("text", "members", "slug"),
        [
            ("<speak>never closed", {"text_type": "ssml"}, "invalid-markup"),
            ("[angry]never closed", {"text_type": "tagged"}, "invalid-markup"),
            ("Good morning.", {"voice": "nobody"}, "model-not-found"),
            ("word " * 40_001, {}, "too-large"),
        ],
    )
    def test_what_cannot_be_spoken_fails_with_the_problem(
        self, http: httpx.Client, text: str, members: dict[str, str], slug: str
    ) -> None:
        job = ended(http, submitted(http, order(text, **members)))
        assert (job["state"], job["results"]) == ("failed", [])
        assert job["error"]["type"] == f"urn:timbre:problem:{slug}"
        assert job["error"]["detail"]
        assert job["error"]["error"]["message"] == job["error"]["detail"]
        problem_of(http.get(f"/v1/jobs/{job['id']}/results/text"), 404)

    def test_no_word_of_a_text_stands_in_a_log(self, http: httpx.Client, stack: Stack) -> None:
        for text, kind in (("Quetzalcoatl spoke.", "text"), ("<speak>Quetzalcoatl", "ssml")):
            ended(http, submitted(http, order(text, text_type=kind)))
        for name in ("gateway", "worker"):
            assert "Quetzalcoatl" not in stack.log(name)
        assert "invalid-markup" in stack.log("worker")


class TestRefused:
    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"kind": "singing", "input": {"text": "La."}}, "kind"),
            ({"kind": "emotional-speech", "input": {}}, "input.text"),
            ({"kind": "emotional-speech", "input": {"text": ""}}, "input.text"),
            ({"kind": "emotional-speech", "input": {"text": 7}}, "input.text"),
            ({"kind": "emotional-speech", "input": {"text": "La.", "speed": 9}}, "input.speed"),
            ({"kind": "emotional-speech", "input": {"text": "La.", "response_format": "wma"}}, "input.response_format"),
            ({"kind": "emotional-speech", "input": {"text": "La.", "text_type": "html"}}, "input.text_type"),
            ({"kind": "emotional-speech", "input": "La."}, "input"),
            ({"kind": "emotional-speech"}, "input"),
            ({"input": {"text": "La."}}, "kind"),
            ({"kind": "emotional-speech", "input": {"text": "\ud800"}}, "input.text"),
        ],
    )
    def test_what_is_wrong_is_named(self, http: httpx.Client, body: dict[str, Any], param: str) -> None:
        answer = http.post("/v1/jobs", content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert problem_of(answer, 400)["param"] == param

    @pytest.mark.parametrize(
        ("path", "param"),
        [
            ("/v1/jobs?limit=0", "limit"),
            ("/v1/jobs?limit=101", "limit"),
            ("/v1/jobs?state=done", "state"),
            ("/v1/jobs?kind=singing", "kind"),
            ("/v1/jobs?after=tomorrow", "after"),
            ("/v1/jobs?after=999999999999999.1", "after"),
            (f"/v1/jobs/{NOBODY_S}?wait=61", "wait"),
            (f"/v1/jobs/{NOBODY_S}?wait=nan", "wait"),
            ("/v1/jobs/..%2F..%2Fetc", None),
            ("/v1/jobs/job_1", "job_id"),
        ],
    )
    def test_a_question_that_makes_no_sense_is_refused(self, http: httpx.Client, path: str, param: str | None) -> None:
        answer = http.get(path)
        assert answer.status_code in (400, 404)
        if param:
            assert problem_of(answer, 400)["param"] == param

    @pytest.mark.parametrize("key", ["", "x" * 256])
    def test_an_idempotency_key_has_bounds(self, http: httpx.Client, key: str) -> None:
        problem_of(http.post("/v1/jobs", json=order("La."), headers={"Idempotency-Key": key}), 400)


def calls(job_id: str) -> list[tuple[str, str]]:
    own = f"/v1/jobs/{job_id}"
    return [("GET", own), ("GET", f"{own}/events"), ("GET", f"{own}/results/audio"), ("DELETE", own)]


class TestStrangers:
    def test_another_caller_s_job_is_not_there(self, http: httpx.Client, stack: Stack) -> None:
        job_id = submitted(http, order("Good morning."))
        done = ended(http, job_id)
        with stack.client(STRANGER) as stranger:
            for method, path in calls(job_id):
                seen = problem_of(stranger.request(method, path), 404)
                never = problem_of(stranger.request(method, path.replace(job_id, NOBODY_S)), 404)
                assert seen == never, f"{method} {path} tells that there is a job"
            assert stranger.get("/v1/jobs").json() == {"jobs": [], "next": None}
        assert ended(http, job_id) == done

    def test_without_a_key_there_is_nothing(self, http: httpx.Client, stack: Stack) -> None:
        job_id = submitted(http, order("Good morning."))
        with stack.client(None) as nobody:
            problem_of(nobody.post("/v1/jobs", json=order("Good morning.")), 401)
            for method, path in [*calls(job_id), ("GET", "/v1/jobs"), ("DELETE", "/v1/jobs")]:
                answer = nobody.request(method, path)
                problem_of(answer, 401)
                assert answer.headers["www-authenticate"] == "Bearer"
        assert ended(http, job_id)["state"] == "succeeded"


class TestWaiting:
    def test_the_answer_comes_when_the_job_has_ended(self, http: httpx.Client) -> None:
        job_id = submitted(http, order(LONG))
        began = time.monotonic()
        job = http.get(f"/v1/jobs/{job_id}", params={"wait": 60}).json()
        assert job["state"] == "succeeded"
        assert time.monotonic() - began < 20

    def test_or_when_the_time_is_over(self, waiting: httpx.Client) -> None:
        job_id = submitted(waiting, order("Good morning."))
        began = time.monotonic()
        job = waiting.get(f"/v1/jobs/{job_id}", params={"wait": 0.6}).json()
        assert job["state"] == "queued"
        assert 0.6 <= time.monotonic() - began < 5

    def test_events_tell_each_change_and_then_the_end(self, http: httpx.Client) -> None:
        job_id = submitted(http, order(LONG * 5))
        with http.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            blocks = answer.read().decode().split("\n\n")
        assert blocks.pop() == ""
        events = [block.split("\n") for block in blocks]
        jobs = [orjson.loads(data.removeprefix("data: ")) for _, data in events]
        assert [name for name, _ in events] == ["event: progress"] * (len(events) - 1) + ["event: end"]
        assert jobs[-1] == http.get(f"/v1/jobs/{job_id}").json()
        shares = [job["progress"] for job in jobs]
        assert shares == sorted(shares)
        assert len(set(shares)) > 2
        assert {"speak"} <= {job["step"] for job in jobs}

    def test_of_an_ended_job_only_the_end_is_told(self, http: httpx.Client) -> None:
        job_id = submitted(http, order("Good morning."))
        ended(http, job_id)
        assert http.get(f"/v1/jobs/{job_id}/events").text.startswith("event: end\n")


class TestIdempotency:
    def test_many_equal_calls_at_once_make_one_job(self, waiting: httpx.Client) -> None:
        answers = posted_at_once(waiting)
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.content for answer in answers}) == 1
        assert len(waiting.get("/v1/jobs").json()["jobs"]) == 1

    def test_the_answer_is_the_same_after_a_restart_and_when_the_job_is_long_done(
        self, idle: Stack, waiting: httpx.Client
    ) -> None:
        def post() -> httpx.Response:
            return waiting.post("/v1/jobs", json=order("Good morning."), headers={"Idempotency-Key": "a"})

        first = post()
        assert "idempotent-replayed" not in first.headers
        idle.kill("gateway")
        idle.start("gateway")
        idle.wait_ready("gateway")
        second = post()
        waiting.delete(f"/v1/jobs/{first.json()['id']}")
        third = post()
        for again in (second, third):
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert again.headers["idempotent-replayed"] == "true"
            assert again.headers["location"] == first.headers["location"]

    def test_the_order_of_members_does_not_matter_and_defaults_may_be_said(self, waiting: httpx.Client) -> None:
        bodies = [
            '{"kind": "emotional-speech", "input": {"text": "La.", "speed": 1}}',
            '{"input": {"speed": 1.0, "text": "La.", "response_format": "mp3"}, "kind": "emotional-speech"}',
        ]
        headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}
        answers = [waiting.post("/v1/jobs", content=body, headers=headers) for body in bodies]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].content == answers[1].content

    def test_another_request_under_the_same_key_is_a_conflict(self, waiting: httpx.Client) -> None:
        key = {"Idempotency-Key": "a"}
        job_id = submitted(waiting, order("Good morning."), **key)
        problem = problem_of(waiting.post("/v1/jobs", json=order("Good evening."), headers=key), 409)
        assert problem["type"] == "urn:timbre:problem:conflict"
        assert problem["param"] == "Idempotency-Key"
        assert [job["id"] for job in waiting.get("/v1/jobs").json()["jobs"]] == [job_id]

    def test_of_different_requests_at_once_one_is_taken(self, waiting: httpx.Client) -> None:
        def post(number: int) -> int:
            body = order(f"This is number {number}.")
            return waiting.post("/v1/jobs", json=body, headers={"Idempotency-Key": "a"}).status_code

        with ThreadPoolExecutor(10) as pool:
            assert sorted(pool.map(post, range(10))) == [202] + [409] * 9
        assert len(waiting.get("/v1/jobs").json()["jobs"]) == 1

    def test_keys_of_two_callers_have_nothing_to_do_with_each_other(self, idle: Stack, waiting: httpx.Client) -> None:
        mine = submitted(waiting, order("Good morning."), **{"Idempotency-Key": "a"})
        with idle.client(STRANGER) as stranger:
            assert submitted(stranger, order("Good evening."), **{"Idempotency-Key": "a"}) != mine

    def test_without_a_key_each_call_is_a_job(self, waiting: httpx.Client) -> None:
        ids = {submitted(waiting, order("Good morning.")) for _ in range(3)}
        assert len(ids) == 3


class TestListing:
    def test_pages_hold_every_job_once_newest_first(self, waiting: httpx.Client) -> None:
        ids = [submitted(waiting, order("La.")) for _ in range(7)]
        pages, after = [], {}
        while True:
            page = waiting.get("/v1/jobs", params={"limit": 3, **after}).json()
            pages.append([job["id"] for job in page["jobs"]])
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert pages == [ids[:3:-1], ids[3:0:-1], ids[:1]]

    def test_new_jobs_do_not_move_the_pages_of_a_listing_that_was_begun(self, waiting: httpx.Client) -> None:
        ids = [submitted(waiting, order("La.")) for _ in range(4)]
        first = waiting.get("/v1/jobs", params={"limit": 2}).json()
        new = [submitted(waiting, order("La.")) for _ in range(3)]
        second = waiting.get("/v1/jobs", params={"limit": 2, "after": first["next"]}).json()
        assert [job["id"] for job in first["jobs"] + second["jobs"]] == ids[::-1]
        assert second["next"] is None
        assert [job["id"] for job in waiting.get("/v1/jobs", params={"limit": 3}).json()["jobs"]] == new[::-1]

    def test_only_those_in_a_state_are_listed_where_one_is_named(self, waiting: httpx.Client) -> None:
        kept, stopped = (submitted(waiting, order("La.")) for _ in range(2))
        assert waiting.delete(f"/v1/jobs/{stopped}").json()["state"] == "cancelled"
        for state, ids in {"queued": [kept], "cancelled": [stopped], "running": [], "failed": []}.items():
            page = waiting.get("/v1/jobs", params={"state": state}).json()
            assert ([job["id"] for job in page["jobs"]], page["next"]) == (ids, None)
        assert len(waiting.get("/v1/jobs", params={"kind": "emotional-speech"}).json()["jobs"]) == 2


class TestBounds:
    def test_a_key_has_so_many_jobs_and_no_more(self, idle: Stack, waiting: httpx.Client) -> None:
        ids = [submitted(waiting, order("La.")) for _ in range(60)]
        answer = waiting.post("/v1/jobs", json=order("La."))
        assert problem_of(answer, 429)["type"] == "urn:timbre:problem:busy"
        assert int(answer.headers["retry-after"]) >= 1
        with idle.client(STRANGER) as stranger:
            submitted(stranger, order("La."))
        waiting.delete(f"/v1/jobs/{ids[0]}")
        for _ in patiently(10):
            if waiting.post("/v1/jobs", json=order("La.")).status_code == 202:
                return
        raise AssertionError("a job that was cancelled still takes room")

    def test_a_request_that_was_taken_is_answered_also_when_there_is_no_room(self, waiting: httpx.Client) -> None:
        first = waiting.post("/v1/jobs", json=order("La."), headers={"Idempotency-Key": "a"})
        while waiting.post("/v1/jobs", json=order("La.")).status_code == 202:
            pass
        again = waiting.post("/v1/jobs", json=order("La."), headers={"Idempotency-Key": "a"})
        assert (again.status_code, again.content) == (202, first.content)


def parts_of(stack: Stack, job_id: str) -> list[str]:
    return [name for name in stack.stored() if job_id in name and name.endswith(".pcm")]


class TestCancelling:
    def test_a_job_that_runs_stops_and_stores_nothing_more(self, http: httpx.Client, stack: Stack) -> None:
        job_id = submitted(http, order(ENDLESS))
        assert any(len(parts_of(stack, job_id)) >= 2 for _ in patiently(30))
        assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
        assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        cancelled = written = time.monotonic()
        seen: set[str] = set()
        for _ in patiently(4):
            new = {name for name in stack.stored() if job_id in name} - seen
            written = time.monotonic() if new else written
            seen |= new
        assert written - cancelled < 2.5
        job = http.get(f"/v1/jobs/{job_id}").json()
        assert (job["state"], job["results"], job["error"]) == ("cancelled", [], None)
        assert job["progress"] < 0.9
        assert job["ended"]
        problem_of(http.get(f"/v1/jobs/{job_id}/results/text"), 404)

    def test_one_that_waits_is_never_done(self, stack: Stack, http: httpx.Client) -> None:
        stack.stop("worker")
        stopped, kept = (submitted(http, order("Good morning.")) for _ in range(2))
        assert http.delete(f"/v1/jobs/{stopped}").json()["state"] == "cancelled"
        stack.start("worker")
        assert ended(http, kept)["state"] == "succeeded"
        assert http.get(f"/v1/jobs/{stopped}").json()["state"] == "cancelled"
        assert not [name for name in stack.stored() if stopped in name]

    def test_one_that_has_ended_stays_as_it_is(self, http: httpx.Client) -> None:
        job = ended(http, submitted(http, order("Good morning.")))
        assert http.delete(f"/v1/jobs/{job['id']}").status_code == 200
        assert ended(http, job["id"]) == job
        assert len(fetched(http, job)) == 3

    def test_cancelling_twice_is_no_error(self, waiting: httpx.Client) -> None:
        job_id = submitted(waiting, order("La."))
        assert [waiting.delete(f"/v1/jobs/{job_id}").json()["state"] for _ in range(2)] == ["cancelled"] * 2
        assert waiting.get(f"/v1/jobs/{job_id}", params={"wait": 5}).json()["state"] == "cancelled"


def test_callers_are_told_apart_by_the_header_alone(stack: Stack) -> None:
    with stack.client(STRANGER) as stranger:
        answer = stranger.post(f"/v1/jobs?x-timbre-key={CALLER}", json=order("La."))
        assert answer.status_code == 202
        assert stranger.get("/v1/jobs").json()["jobs"][0]["id"] == answer.json()["id"]
