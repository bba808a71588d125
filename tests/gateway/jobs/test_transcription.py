"""One recording to text as a job: from every place, in every form, and what is wrong with it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import numpy as np
import pytest

from shared.audio import Sound, encode
from tests.aws import running_aws
from tests.gateway.jobs.recordings import BROKEN, NOBODY, uploaded
from tests.gateway.jobs.stack import Stack, ended, fetched, running, submitted
from tests.shared.objects.s3_server import new_bucket
from tests.sounds import spoken
from tests.started import patiently

SPEECH = encode(spoken("slt"), "mp3")
MOST_AT_ONCE_BYTES, MOST_BYTES = 1_000_000, 22_000_000
OF_WORKER = {"TIMBRE_MAX_BODY_BYTES": str(MOST_AT_ONCE_BYTES), "TIMBRE_MEDIA_BYTES": str(MOST_BYTES)}
NOWHERE = "file-0123456789abcdef01234567"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with running_aws():
        yield new_bucket(boto3.client("s3"))


@pytest.fixture(scope="module")
def stack(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    places = {
        "TIMBRE_MEDIA_LOCATIONS": f"s3://{bucket}/in,{folder}/in",
        "TIMBRE_OUTPUT_LOCATIONS": f"s3://{bucket}/out",
    }
    with running(folder, **places) as stack:
        stack.settings |= {"TIMBRE_STT_URL": stack.url("stt"), "TIMBRE_MEDIA_INSIDE": "true"}
        for name in ("stt", "gateway"):
            stack.start(name)
        stack.start("worker", **OF_WORKER)
        stack.wait_ready("stt", "gateway", "worker")
        yield stack


@pytest.fixture(scope="module")
def heard(stack: Stack) -> dict[str, Any]:
    """What the service itself says of the recording."""
    form = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
    with httpx.Client(base_url=stack.url("stt"), timeout=60, trust_env=False) as http:
        answer = http.post("/v1/audio/transcriptions", files={"file": ("a", SPEECH)}, data=form)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert len(told["words"]) > 5
    return told


def order(**members: Any) -> dict[str, Any]:
    return {"kind": "transcription", "input": members}


def transcript_of(http: httpx.Client, **members: Any) -> dict[str, Any]:
    """Have a recording written down, and return the transcript."""
    made = fetched(http, ended(http, submitted(http, order(**members))))
    told: dict[str, Any] = json.loads(made["transcript"])
    return told


class TestWhatIsMade:
    def test_the_transcript_is_what_the_service_says(
        self, stack: Stack, http: httpx.Client, heard: dict[str, Any]
    ) -> None:
        file_id = uploaded(http, SPEECH)
        job = ended(http, submitted(http, order(file=file_id)))
        assert [result["name"] for result in job["results"]] == ["transcript"]
        told = json.loads(fetched(http, job)["transcript"])
        assert (told["model"], told["language"], told["warnings"]) == ("fake/1", "en", [])
        for name in ("text", "duration", "words"):
            assert told[name] == heard[name]
        assert [one["text"] for one in told["segments"]] == [one["text"] for one in heard["segments"]]
        assert [key for key in stack.stored() if job["id"] in key] == [f"jobs/{job['id']}/transcript.json"]

    def test_words_are_filtered_in_text_and_subtitles(self, http: httpx.Client, heard: dict[str, Any]) -> None:
        word = heard["words"][0]["word"]
        wishes = {"filter": {"words": [word.upper()]}, "subtitles": {"formats": ["srt", "vtt"], "first_number": 0}}
        made = fetched(http, ended(http, submitted(http, order(file=uploaded(http, SPEECH), **wishes))))
        assert sorted(made) == ["srt", "transcript", "vtt"]
        told = json.loads(made["transcript"])
        assert told["text"] == " ".join("***" if one["word"] == word else one["word"] for one in heard["words"])
        assert made["srt"].startswith(b"0\n00:00:")
        assert made["vtt"].startswith(b"WEBVTT\n\n0\n00:00:")
        for subtitles in (made["srt"].decode(), made["vtt"].decode()):
            assert "***" in subtitles
            assert word not in subtitles.split()

    def test_silence(self, http: httpx.Client) -> None:
        told = transcript_of(http, file=uploaded(http, NOBODY), subtitles={"formats": ["srt"]})
        assert (told["text"], told["words"], told["segments"]) == ("", [], [])

    def test_what_the_model_heeds_is_passed_on(self, http: httpx.Client, heard: dict[str, Any]) -> None:
        wishes = {"model": "fake", "language": "de", "keywords": [f"word {n}" for n in range(150)], "temperature": 0.5}
        told = transcript_of(http, file=uploaded(http, SPEECH), **wishes)
        assert (told["language"], told["text"]) == ("de", heard["text"])
        assert told["warnings"] == ["keywords: the first 100 are heeded, and the others ignored"]

    def test_amazons_form(self, http: httpx.Client, heard: dict[str, Any]) -> None:
        amazon = {"name": "calls", "account_id": "000000000000", "language_codes": ["en-GB"]}
        told = transcript_of(http, file=uploaded(http, SPEECH), amazon=amazon)
        assert (told["jobName"], told["results"]["language_code"]) == ("calls", "en-GB")
        assert told["results"]["transcripts"] == [{"transcript": heard["text"]}]
        assert len(told["results"]["items"]) == len(heard["words"])


class TestWhereItLies:
    def test_in_a_bucket_and_back_into_it(self, bucket: str, http: httpx.Client, heard: dict[str, Any]) -> None:
        s3 = boto3.client("s3")
        s3.put_object(Bucket=bucket, Key="in/some calls/a b.mp3", Body=SPEECH)
        output = {"output": f"s3://{bucket}/out/a/told.json", "subtitles": {"formats": ["vtt"]}}
        told = transcript_of(http, url=f"s3://{bucket}/in/some calls/a b.mp3", **output)
        written = {one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]}
        assert written == {"out/a/told.json", "out/a/told.vtt"}
        assert json.loads(s3.get_object(Bucket=bucket, Key="out/a/told.json")["Body"].read()) == told
        assert told["text"] == heard["text"]

    def test_in_a_folder(self, stack: Stack, http: httpx.Client, heard: dict[str, Any]) -> None:
        Path(stack.folder, "in").mkdir(exist_ok=True)
        Path(stack.folder, "in", "a.mp3").write_bytes(SPEECH)
        assert transcript_of(http, url=f"{stack.folder}/in/a.mp3")["text"] == heard["text"]

    def test_in_the_web(self, bucket: str, http: httpx.Client, heard: dict[str, Any]) -> None:
        s3 = boto3.client("s3")
        s3.put_object(Bucket=bucket, Key="elsewhere/a.mp3", Body=SPEECH)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "elsewhere/a.mp3"})
        assert transcript_of(http, url=url)["text"] == heard["text"]


class TestWhatIsLong:
    def test_it_is_written_down_in_pieces(self, stack: Stack, http: httpx.Client) -> None:
        speech, rate_hz = spoken("slt"), 16_000
        samples = np.zeros(650 * rate_hz, np.float32)
        for second in (1, 625):
            samples[second * rate_hz :][: len(speech.samples)] = speech.samples
        Path(stack.folder, "in").mkdir(exist_ok=True)
        Path(stack.folder, "in", "long.wav").write_bytes(encode(Sound(samples, rate_hz), "wav"))
        told = transcript_of(http, url=f"{stack.folder}/in/long.wav", language="en")
        assert told["duration"] == pytest.approx(650, abs=0.1)
        first, second = ([word for word in told["words"] if (word["start"] > 600) is late] for late in (False, True))
        assert 5 < len(first) == pytest.approx(len(second), abs=1)  # whose half seconds begin a little later
        assert (first[0]["start"], second[0]["start"]) == (pytest.approx(1, abs=1), pytest.approx(625, abs=1))

    def test_but_not_without_end(self, stack: Stack, http: httpx.Client) -> None:
        Path(stack.folder, "in").mkdir(exist_ok=True)
        Path(stack.folder, "in", "endless.wav").write_bytes(bytes(MOST_BYTES + 1))
        job = ended(http, submitted(http, order(url=f"{stack.folder}/in/endless.wav")))
        assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:too-large")
        assert str(MOST_BYTES) in job["error"]["detail"]


def test_it_outlasts_its_service_and_its_worker(stack: Stack, http: httpx.Client, heard: dict[str, Any]) -> None:
    stack.kill("stt")
    job_id = submitted(http, order(file=uploaded(http, SPEECH)))
    for _ in patiently():
        if http.get(f"/v1/jobs/{job_id}").json()["step"] == "transcribe":
            break
    stack.kill("worker")
    stack.start("stt")
    stack.start("worker", **OF_WORKER)
    stack.wait_ready("stt", "worker")
    job = ended(http, job_id)
    assert json.loads(fetched(http, job)["transcript"])["text"] == heard["text"]
    assert [key for key in stack.stored() if job_id in key] == [f"jobs/{job_id}/transcript.json"]


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("members", "slug", "words"),
        [
            ({"media_format": "wav"}, "invalid-input", "detected media format, which is mp3"),
            ({"sample_rate_hz": 8000}, "invalid-input", "detected sample rate, which is 24000"),
            ({"model": "no-such-model"}, "model-not-found", "No model"),
        ],
    )
    def test_what_is_said_of_it(self, http: httpx.Client, members: dict[str, Any], slug: str, words: str) -> None:
        job = ended(http, submitted(http, order(file=uploaded(http, SPEECH), **members)))
        assert (job["state"], job["error"]["type"]) == ("failed", f"urn:timbre:problem:{slug}")
        assert words in job["error"]["detail"]

    def test_what_is_no_sound(self, stack: Stack, http: httpx.Client) -> None:
        job = ended(http, submitted(http, order(file=uploaded(http, BROKEN))))
        assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:unsupported-media")

    def test_nothing_is_there(self, bucket: str, http: httpx.Client) -> None:
        job = ended(http, submitted(http, order(url=f"s3://{bucket}/in/nothing.mp3")))
        assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:not-found")

    @pytest.mark.parametrize(
        ("members", "status", "param"),
        [
            ({}, 400, "input"),
            ({"file": NOWHERE, "url": "https://example.com/a.mp3"}, 400, "input"),
            ({"file": NOWHERE}, 404, "input.file"),
            ({"url": "s3://another/a.mp3"}, 403, "input.url"),
            ({"url": "/etc/passwd"}, 403, "input.url"),
            ({"url": "ftp://example.com/a.mp3"}, 400, "input.url"),
            ({"url": "https://me:secret@example.com/a.mp3"}, 400, "input.url"),
            ({"url": "https://example.com/a.mp3", "output": "s3://another/a.json"}, 403, "input.output"),
            ({"url": "https://example.com/a.mp3", "filter": {"words": []}}, 400, "input.filter.words"),
            ({"url": "https://example.com/a.mp3", "subtitles": {"formats": ["ass"]}}, 400, "input.subtitles.formats.0"),
        ],
    )
    def test_what_is_refused_at_once(
        self, http: httpx.Client, members: dict[str, Any], status: int, param: str
    ) -> None:
        problem = http.post("/v1/jobs", json=order(**members)).json()
        assert (problem["status"], problem["param"]) == (status, param)
