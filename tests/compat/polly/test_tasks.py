"""Speech synthesis tasks, into a bucket and into Timbre itself."""

import json
import time
from typing import Any

import httpx
import pytest

from gateway.key_store import KeyStore
from shared.audio import AudioLimits, decode
from tests.compat.conftest import Client, credentials
from tests.compat.polly.conftest import LEXEME, error_of, pls
from tests.stack import BUCKET, Storage
from tests.started import Started

pytestmark = pytest.mark.timeout(300)
TEXT = "The ferry leaves the northern harbour at nine. It reaches the island before noon. "


def started(polly: Any, **given: Any) -> dict[str, Any]:
    wanted = {"Text": TEXT, "VoiceId": "Joanna", "OutputFormat": "mp3", "OutputS3BucketName": BUCKET}
    task: dict[str, Any] = polly.start_speech_synthesis_task(**{**wanted, **given})["SynthesisTask"]
    return task


def ended(polly: Any, task_id: str) -> dict[str, Any]:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        task: dict[str, Any] = polly.get_speech_synthesis_task(TaskId=task_id)["SynthesisTask"]
        if task["TaskStatus"] in {"completed", "failed"}:
            return task
        time.sleep(0.2)
    raise AssertionError(task)


def in_bucket(storage: Storage, uri: str) -> bytes:
    prefix = f"{storage.address}/{BUCKET}/"
    assert uri.startswith(prefix)
    return bytes(storage.s3.get_object(Bucket=BUCKET, Key=uri.removeprefix(prefix))["Body"].read())


class TestIntoABucket:
    def test_what_a_task_tells(self, polly: Any, storage: Storage) -> None:
        task = started(polly, OutputS3KeyPrefix="books/one", Engine="neural", SampleRate="16000")
        assert task["TaskStatus"] == "scheduled"
        done = ended(polly, task["TaskId"])
        assert done["TaskStatus"] == "completed"
        assert (
            done.items()
            >= {
                "Engine": "neural",
                "OutputFormat": "mp3",
                "RequestCharacters": len(TEXT),
                "SampleRate": "16000",
                "TextType": "text",
                "VoiceId": "Joanna",
                "OutputUri": f"{storage.address}/{BUCKET}/books/one.{task['TaskId']}.mp3",
            }.items()
        )
        sound = decode(in_bucket(storage, done["OutputUri"]), AudioLimits())
        assert sound.sample_rate_hz == 16_000
        assert 3 < sound.seconds < 12

    @pytest.mark.parametrize("name", ["ogg_vorbis", "ogg_opus", "pcm", "mulaw", "alaw"])
    def test_every_format(self, polly: Any, storage: Storage, name: str) -> None:
        task = ended(polly, started(polly, OutputFormat=name)["TaskId"])
        assert task["OutputUri"].endswith(f"/{task['TaskId']}.{'ogg' if name.startswith('ogg') else name}")
        sound = in_bucket(storage, task["OutputUri"])
        assert len(sound) > 8_000
        if name.startswith("ogg"):
            assert 3 < decode(sound, AudioLimits()).seconds < 12

    def test_marks(self, polly: Any, storage: Storage) -> None:
        task = started(polly, OutputFormat="json", SpeechMarkTypes=["sentence", "viseme"], OutputS3KeyPrefix="marks/")
        done = ended(polly, task["TaskId"])
        assert done["SpeechMarkTypes"] == ["sentence", "viseme"]
        assert done["OutputUri"].endswith(f"marks/{task['TaskId']}.marks")
        marks = [json.loads(line) for line in in_bucket(storage, done["OutputUri"]).splitlines()]
        sentences = [TEXT[mark["start"] : mark["end"]] for mark in marks if mark["type"] == "sentence"]
        assert sentences == [f"{one}." for one in TEXT.strip().removesuffix(".").split(". ")]
        assert any(mark["type"] == "viseme" for mark in marks)

    def test_a_long_text_is_spoken_in_parts(self, polly: Any, storage: Storage) -> None:
        once = ended(polly, started(polly, OutputFormat="pcm", Text=TEXT * 4)["TaskId"])
        text = f"<speak>{TEXT * 40}</speak>"
        task = ended(polly, started(polly, OutputFormat="pcm", Text=text, TextType="ssml")["TaskId"])
        assert task["RequestCharacters"] == len(TEXT) * 40
        parts, whole = (len(in_bucket(storage, one["OutputUri"])) for one in (task, once))
        assert parts == pytest.approx(10 * whole, rel=0.03)

    def test_lexicons_and_emotions(self, polly: Any, storage: Storage) -> None:
        polly.put_lexicon(Name="ferry", Content=pls(LEXEME.format("ferry", "very large and rather slow ship")))
        tasks = [
            started(polly, OutputFormat="pcm", **given)
            for given in ({}, {"LexiconNames": ["ferry"]}, {"VoiceId": "Joanna-sad"})
        ]
        done = [ended(polly, task["TaskId"]) for task in tasks]
        usual, named, sad = (in_bucket(storage, task["OutputUri"]) for task in done)
        assert done[1]["LexiconNames"] == ["ferry"]
        assert len(named) > len(usual) + 16_000
        assert sad != usual
        polly.delete_lexicon(Name="ferry")


def test_timbres_own_bucket(polly: Any) -> None:
    """Its address carries a signature: whoever has it may fetch the speech for a while, with any client."""
    task = ended(polly, started(polly, OutputS3BucketName="timbre")["TaskId"])
    answer = httpx.get(task["OutputUri"], trust_env=False)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["x-timbre-synthetic"] == "true"
    assert 3 < decode(answer.content, AudioLimits()).seconds < 12
    another = httpx.get(task["OutputUri"].replace(task["TaskId"], "job_0123456789abcdef01234567"), trust_env=False)
    assert another.status_code == 403


def test_a_task_that_fails_says_why(polly: Any) -> None:
    text = '<speak>Hello. <lang xml:lang="tlh">nuqneH</lang></speak>'
    task = ended(polly, started(polly, Text=text, TextType="ssml", OutputS3BucketName="timbre")["TaskId"])
    assert task["TaskStatus"] == "failed"
    assert "language" in task["TaskStatusReason"]


@pytest.fixture(scope="module")
def other(stack: Started, aws: Client) -> Any:
    """Polly for another key."""
    return aws("polly", **credentials(KeyStore(stack.folder / ".timbre" / "keys.json").create("of tasks")))


class TestLists:
    def test_pages_and_states(self, other: Any) -> None:
        tasks = [started(other, Text="Hello.", OutputS3BucketName="timbre")["TaskId"] for _ in range(7)]
        for task in tasks:
            ended(other, task)
        pages = list(other.get_paginator("list_speech_synthesis_tasks").paginate(PaginationConfig={"PageSize": 3}))
        assert [len(page["SynthesisTasks"]) for page in pages] == [3, 3, 1]
        assert [task["TaskId"] for page in pages for task in page["SynthesisTasks"]] == sorted(tasks, reverse=True)
        assert len(other.list_speech_synthesis_tasks(Status="completed")["SynthesisTasks"]) == 7
        assert other.list_speech_synthesis_tasks(Status="failed")["SynthesisTasks"] == []

    @pytest.mark.parametrize("given", [{"MaxResults": 101}, {"Status": "lost"}])
    def test_lists_that_cannot_be(self, other: Any, given: dict[str, Any]) -> None:
        assert error_of(other.list_speech_synthesis_tasks, **given) == ("ValidationException", 400)

    def test_a_token_that_no_answer_had(self, other: Any) -> None:
        assert error_of(other.list_speech_synthesis_tasks, NextToken="x") == ("InvalidNextTokenException", 400)

    def test_another_keys_task_is_not_there(self, polly: Any, other: Any) -> None:
        task = started(polly, OutputS3BucketName="timbre")
        error = error_of(other.get_speech_synthesis_task, TaskId=task["TaskId"])
        assert error == ("SynthesisTaskNotFoundException", 400)


class TestAsJobs:
    """What tasks are made of is there for all."""

    def submitted(self, public: httpx.Client, **given: Any) -> httpx.Response:
        return public.post("/v1/jobs", json={"kind": "speech-synthesis", "input": {"text": TEXT, **given}})

    def test_tags_emotions_and_a_bucket(self, public: httpx.Client, storage: Storage) -> None:
        given = {"text": "[sad]No ferry today.[/sad] None.", "text_type": "tagged", "voice": "rms", "emotion": "calm"}
        output = f"s3://{BUCKET}/speech/{{id}}.flac"
        job = self.submitted(public, **given, response_format="flac", output=output).json()["id"]
        ended_job = public.get(f"/v1/jobs/{job}", params={"wait": 60}).json()
        assert ended_job["state"] == "succeeded", ended_job
        (result,) = ended_job["results"]
        assert (result["name"], result["media_type"], result["models"]) == ("audio", "audio/flac", ["flite/rms"])
        stored = storage.s3.get_object(Bucket=BUCKET, Key=f"speech/{job}.flac")["Body"].read()
        assert public.get(result["href"]).content == stored
        assert 1 < decode(stored, AudioLimits()).seconds < 8

    @pytest.mark.parametrize(
        ("given", "status", "param"),
        [
            ({"output": "s3://somebody-elses/{id}.mp3"}, 403, "input.output"),
            ({"output": f"s3://{BUCKET}/always-the-same.mp3"}, 400, "input.output"),
            ({"output": f"s3://{BUCKET}/../{{id}}.mp3"}, 400, "input.output"),
            ({"output": "relative/{id}.mp3"}, 400, "input.output"),
            ({"response_format": "json"}, 400, "input"),
            ({"speech_marks": ["word"]}, 400, "input"),
            ({"lexicons": ["a-b"]}, 400, "input.lexicons.0"),
            ({"text": ""}, 400, "input.text"),
        ],
    )
    def test_what_is_refused_at_once(self, public: httpx.Client, given: Any, status: int, param: str) -> None:
        answer = self.submitted(public, **given)
        assert (answer.status_code, answer.json().get("param")) == (status, param), answer.text

    @pytest.mark.parametrize(
        ("given", "slug"),
        [({"voice": "nobody"}, "model-not-found"), ({"lexicons": ["none"]}, "lexicon-not-found")],
    )
    def test_what_fails_later_says_why(self, public: httpx.Client, given: Any, slug: str) -> None:
        job = self.submitted(public, **given).json()["id"]
        ended_job = public.get(f"/v1/jobs/{job}", params={"wait": 60}).json()
        assert ended_job["state"] == "failed"
        assert ended_job["error"]["type"] == f"urn:timbre:problem:{slug}"


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"OutputS3BucketName": "somebody-elses"}, "InvalidS3BucketException"),
            ({"OutputS3KeyPrefix": "../up"}, "InvalidS3KeyException"),
            ({"SnsTopicArn": "arn:aws:sns:us-east-1:000000000000:done"}, "InvalidSnsTopicArnException"),
            ({"SnsTopicArn": "done"}, "ValidationException"),
            ({"Text": "a" * 100_001}, "TextLengthExceededException"),
            ({"SampleRate": "1"}, "InvalidSampleRateException"),
            ({"VoiceId": "slt", "Engine": "neural"}, "EngineNotSupportedException"),
            ({"LanguageCode": "de-DE"}, "LanguageNotSupportedException"),
            ({"SpeechMarkTypes": ["word"]}, "MarksNotSupportedForFormatException"),
            ({"OutputFormat": "json", "SpeechMarkTypes": ["ssml"]}, "SsmlMarksNotSupportedForTextTypeException"),
            ({"LexiconNames": ["none"]}, "LexiconNotFoundException"),
            ({"Text": "<speak>", "TextType": "ssml"}, "InvalidSsmlException"),
            ({"VoiceId": "Nobody"}, "ValidationException"),
        ],
    )
    def test_each_has_the_name_that_the_model_tells(self, polly: Any, given: dict[str, Any], code: str) -> None:
        assert error_of(started, polly=polly, **given) == (code, 404 if code.startswith("LexiconNot") else 400)

    @pytest.mark.parametrize(
        ("id", "code"),
        [
            ("job_0123456789abcdef01234567", "SynthesisTaskNotFoundException"),
            ("another", "InvalidTaskIdException"),
            ("not one", "ValidationException"),
        ],
    )
    def test_tasks_that_are_not_there(self, polly: Any, id: str, code: str) -> None:
        assert error_of(polly.get_speech_synthesis_task, TaskId=id) == (code, 400)
