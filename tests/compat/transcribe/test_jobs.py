"""Transcription jobs: what they make, where it lies, and what is said of them."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from botocore.exceptions import WaiterError
from jiwer import wer

from shared.audio import encode
from tests.compat.transcribe.conftest import MEDIA, SENTENCE, Job, error_of, fetched, transcript_of
from tests.sounds import silence
from tests.stack import BUCKET, Storage

if TYPE_CHECKING:
    from types_boto3_transcribe.client import TranscribeServiceClient

pytestmark = pytest.mark.timeout(300)
Ended = Callable[..., Job]
ECHOED: dict[str, Any] = {
    "Settings": {"VocabularyFilterName": "clean", "VocabularyFilterMethod": "mask"},
    "MediaFormat": "mp3",
    "Tags": [{"Key": "team", "Value": "calls"}],
}


class TestStart:
    def test_a_job_ends_with_its_text(self, ended: Ended, name: str) -> None:
        job = ended()
        assert (job["TranscriptionJobName"], job["TranscriptionJobStatus"]) == (name, "COMPLETED")
        assert (job["LanguageCode"], job["MediaFormat"], job["MediaSampleRateHertz"]) == ("en-US", "mp3", 24_000)
        assert job["Media"] == {"MediaFileUri": MEDIA}
        assert job["CreationTime"] <= job["StartTime"] <= job["CompletionTime"]
        assert datetime.now(UTC) - job["CreationTime"] < timedelta(minutes=5)

    def test_what_it_says_at_once(self, started: Ended, name: str) -> None:
        job = started(**{name: value for name, value in ECHOED.items() if name != "Settings"})
        assert job["TranscriptionJobStatus"] in {"QUEUED", "IN_PROGRESS"}
        assert (job["TranscriptionJobName"], job["MediaFormat"], job["Tags"]) == (name, "mp3", ECHOED["Tags"])
        assert "Transcript" not in job

    def test_a_name_is_used_once(self, started: Ended, name: str) -> None:
        started()
        for _ in range(2):  # the same request is no exception
            code, status, message = error_of(started)
            assert (code, status) == ("ConflictException", 409)
            assert "already exists" in message

    def test_another_key_has_names_of_its_own(
        self, other: "TranscribeServiceClient", started: Ended, name: str
    ) -> None:
        started()
        given: Any = {"TranscriptionJobName": name, "Media": {"MediaFileUri": MEDIA}, "LanguageCode": "en-US"}
        assert error_of(other.get_transcription_job, TranscriptionJobName=name)[0] == "NotFoundException"
        other.start_transcription_job(**given)
        other.delete_transcription_job(TranscriptionJobName=name)


class TestTheDocument:
    def test_it_has_amazons_form(self, ended: Ended, name: str) -> None:
        told = transcript_of(ended())
        assert list(told) == ["jobName", "accountId", "status", "results"]
        assert (told["jobName"], told["accountId"], told["status"]) == (name, "000000000000", "COMPLETED")
        results = told["results"]
        assert list(results) == ["transcripts", "items", "audio_segments"]
        (transcript,) = results["transcripts"]
        assert wer(SENTENCE, transcript["transcript"]) <= 0.4
        for item in results["items"]:
            assert set(item) == {"id", "type", "alternatives", "start_time", "end_time"}
            assert item["type"] == "pronunciation"
            assert 0 <= float(item["start_time"]) <= float(item["end_time"]) < 10
            ((content, confidence),) = [(one["content"], one["confidence"]) for one in item["alternatives"]]
            assert content in transcript["transcript"]
            assert isinstance(confidence, str)
            assert 0 <= float(confidence) <= 1
        assert [item["id"] for item in results["items"]] == list(range(len(results["items"])))
        segments = results["audio_segments"]
        assert [number for segment in segments for number in segment["items"]] == list(range(len(results["items"])))
        assert " ".join(segment["transcript"] for segment in segments) == transcript["transcript"]
        assert all(isinstance(segment["start_time"], str) for segment in segments)

    def test_silence_has_no_text(self, storage: Storage, ended: Ended) -> None:
        storage.s3.put_object(Bucket=BUCKET, Key="transcribe/silence.wav", Body=encode(silence(2), "wav"))
        told = transcript_of(ended(Media={"MediaFileUri": f"s3://{BUCKET}/transcribe/silence.wav"}))
        assert told["results"] == {"transcripts": [{"transcript": ""}], "items": [], "audio_segments": []}

    @pytest.mark.parametrize(("given", "first"), [({}, 0), ({"OutputStartIndex": 0}, 0), ({"OutputStartIndex": 1}, 1)])
    def test_subtitles(self, ended: Ended, given: dict[str, int], first: int) -> None:
        job = ended(Subtitles={"Formats": ["vtt", "srt"], **given})
        assert job["Subtitles"]["Formats"] == ["vtt", "srt"]
        assert job["Subtitles"]["OutputStartIndex"] == first
        vtt, srt = (fetched(uri) for uri in job["Subtitles"]["SubtitleFileUris"])
        text = transcript_of(job)["results"]["transcripts"][0]["transcript"]
        assert re.match(rf"WEBVTT\n\n{first}\n00:00:0\d\.\d{{3}} --> 00:00:0\d\.\d{{3}}\n", vtt.text)
        assert re.match(rf"{first}\n00:00:0\d,\d{{3}} --> 00:00:0\d,\d{{3}}\n", srt.text)
        for subtitles in (vtt, srt):
            assert all(word in subtitles.text for word in text.split())

    def test_subtitles_that_are_not_ready_are_not_told(self, started: Ended) -> None:
        assert "SubtitleFileUris" not in started(Subtitles={"Formats": ["srt"]})["Subtitles"]


class TestWhereItLies:
    @pytest.mark.parametrize(
        ("given", "written"),
        [
            (None, "{name}.json"),
            ("out/a.json", "out/a.json"),
            ("out/", "out/{name}.json"),
            ("out/deep", "out/deep/{name}.json"),
        ],
    )
    def test_in_a_bucket_of_the_callers(
        self, storage: Storage, ended: Ended, name: str, given: str | None, written: str
    ) -> None:
        output = {"OutputBucketName": BUCKET, **({"OutputKey": given} if given else {})}
        job = ended(**output, Subtitles={"Formats": ["srt"]})
        written = written.format(name=name)
        assert job["Transcript"]["TranscriptFileUri"] == f"{storage.address}/{BUCKET}/{written}"
        told = json.loads(storage.s3.get_object(Bucket=BUCKET, Key=written)["Body"].read())
        assert (told["jobName"], told["status"]) == (name, "COMPLETED")
        subtitles = written.removesuffix(".json") + ".srt"
        assert job["Subtitles"]["SubtitleFileUris"] == [f"{storage.address}/{BUCKET}/{subtitles}"]
        assert storage.s3.get_object(Bucket=BUCKET, Key=subtitles)["Body"].read().startswith(b"0\n")

    def test_here_behind_a_link_that_needs_no_key(self, ended: Ended) -> None:
        answer = fetched(ended()["Transcript"]["TranscriptFileUri"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(
        "change",
        [
            {"X-Amz-Expires": "604800"},
            {"X-Amz-Signature": "0" * 64},
            {"X-Amz-Date": "20200101T000000Z"},
            {"X-Amz-Credential": "tmb_nobody/20200101/eu-central-1/transcribe/aws4_request"},
        ],
    )
    def test_a_link_that_was_changed_is_worth_nothing(self, link: str, change: dict[str, str]) -> None:
        parts = urlsplit(link)
        query = urlencode({**dict(parse_qsl(parts.query)), **change})
        answer = fetched(parts._replace(query=query).geturl())
        assert answer.status_code == 403
        assert b"jobName" not in answer.content

    @pytest.mark.parametrize("path", ["/transcribe/results/{job}/srt", "/transcribe/results/job_{zeros}/transcript"])
    def test_a_link_leads_to_one_result_only(self, link: str, path: str) -> None:
        parts = urlsplit(link)
        job = parts.path.split("/")[3]
        answer = fetched(parts._replace(path=path.format(job=job, zeros="0" * 24)).geturl())
        assert answer.status_code == 403

    @pytest.fixture
    def link(self, ended: Ended) -> str:
        return str(ended()["Transcript"]["TranscriptFileUri"])

    def test_a_bucket_that_is_not_allowed(self, started: Ended) -> None:
        code, status, message = error_of(started, OutputBucketName="somebody-elses")
        assert (code, status) == ("BadRequestException", 400)
        assert "operator" in message

    def test_a_key_needs_a_bucket(self, started: Ended) -> None:
        assert error_of(started, OutputKey="a.json")[0] == "BadRequestException"


class TestMedia:
    def test_amazons_web_addresses_of_s3_mean_the_object(self, ended: Ended) -> None:
        key = MEDIA.removeprefix(f"s3://{BUCKET}/")
        for host in (f"s3.us-east-1.amazonaws.com/{BUCKET}", f"{BUCKET}.s3.amazonaws.com"):
            job = ended(Media={"MediaFileUri": f"https://{host}/{key}"}, TranscriptionJobName=f"by-{host[:5]}")
            assert job["TranscriptionJobStatus"] == "COMPLETED"
            assert job["Media"]["MediaFileUri"].startswith("https://")

    @pytest.mark.parametrize(
        "uri",
        [
            "s3://somebody-elses/a.mp3",
            f"s3://{BUCKET}",
            f"s3://{BUCKET}/../a.mp3",
            "https://",
            "https://u:p@example.com/a",
        ],
    )
    def test_what_may_not_be_read(self, started: Ended, uri: str) -> None:
        assert error_of(started, Media={"MediaFileUri": uri})[:2] == ("BadRequestException", 400)

    @pytest.mark.parametrize("uri", ["https://127.0.0.1/a.mp3", "https://[::1]/a.mp3", "https://169.254.169.254/a.mp3"])
    def test_the_house_is_closed(self, started: Ended, uri: str) -> None:
        code, _, message = error_of(started, Media={"MediaFileUri": uri})
        assert (code, "public internet" in message) == ("BadRequestException", True)

    def test_so_it_is_behind_a_name(self, transcribe: "TranscribeServiceClient", started: Ended, name: str) -> None:
        started(Media={"MediaFileUri": "https://localhost/a.mp3"})
        job = self.failed(transcribe, name)
        assert "public internet" in job["FailureReason"]

    @pytest.mark.parametrize(
        ("file", "members", "reason"),
        [
            ("transcribe/nothing.mp3", {}, "no object"),
            ("transcribe/text.mp3", {}, "no audio"),
            ("transcribe/sentence.mp3", {"MediaFormat": "wav"}, "does not match the detected media format"),
            ("transcribe/sentence.mp3", {"MediaSampleRateHertz": 8000}, "does not match the detected sample rate"),
        ],
    )
    def test_a_job_that_fails_tells_why(
        self,
        transcribe: "TranscribeServiceClient",
        storage: Storage,
        started: Ended,
        name: str,
        file: str,
        members: dict[str, Any],
        reason: str,
    ) -> None:
        storage.s3.put_object(Bucket=BUCKET, Key="transcribe/text.mp3", Body=b"Dear Sir or Madam")
        started(Media={"MediaFileUri": f"s3://{BUCKET}/{file}"}, **members)
        job = self.failed(transcribe, name)
        assert reason in job["FailureReason"]
        assert "Transcript" not in job

    def failed(self, transcribe: "TranscribeServiceClient", name: str) -> Job:
        waiter = transcribe.get_waiter("transcription_job_completed")
        with pytest.raises(WaiterError, match="terminal failure"):
            waiter.wait(TranscriptionJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
        job: Any = transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
        assert job["TranscriptionJobStatus"] == "FAILED"
        return dict(job)


class TestLanguages:
    @pytest.mark.parametrize("code", ["en-US", "en-GB", "en-AB"])
    def test_every_region_of_what_the_model_knows(self, ended: Ended, code: str) -> None:
        assert ended(LanguageCode=code)["LanguageCode"] == code

    def test_the_model_may_be_named(self, ended: Ended) -> None:
        job = ended(ModelSettings={"LanguageModelName": "pocketsphinx"})
        assert job["ModelSettings"] == {"LanguageModelName": "pocketsphinx"}

    @pytest.mark.parametrize(
        ("members", "words"),
        [
            ({"LanguageCode": "de-DE"}, "they know en"),
            ({"LanguageCode": "English!"}, "en-US"),
            ({"IdentifyLanguage": True}, "finds out"),
            ({"IdentifyLanguage": True, "LanguageCode": "en-US"}, "either"),
            ({"IdentifyLanguage": False}, "either"),
            ({"LanguageCode": "en-US", "LanguageOptions": ["en-US", "de-DE"]}, "LanguageOptions"),
            ({"ModelSettings": {"LanguageModelName": "no-such"}}, "there are: pocketsphinx"),
        ],
    )
    def test_what_no_model_can(self, started: Ended, members: dict[str, Any], words: str) -> None:
        code, status, message = error_of(started, **members)
        assert (code, status) == ("BadRequestException", 400)
        assert words in message


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}}, "not told apart"),
    ({"Settings": {"ChannelIdentification": True}}, "channels"),
    ({"Settings": {"ShowAlternatives": True, "MaxAlternatives": 2}}, "one text"),
    ({"Settings": {"VocabularyFilterMethod": "mask"}}, "VocabularyFilterName"),
    ({"Settings": {"VocabularyName": "no-such"}}, "couldn't be found"),
    ({"Settings": {"VocabularyFilterName": "no-such"}}, "couldn't be found"),
    ({"ContentRedaction": {"RedactionType": "PII", "RedactionOutput": "redacted"}}, "redacted"),
    ({"ToxicityDetection": [{"ToxicityCategories": ["ALL"]}]}, "toxic"),
    ({"JobExecutionSettings": {"AllowDeferredExecution": True}}, "wait for their turn"),
    ({"OutputEncryptionKMSKeyId": "alias/mine"}, "KMS"),
    ({"MediaFormat": "amr"}, "amr"),
    ({"Media": {"MediaFileUri": MEDIA, "RedactedMediaFileUri": MEDIA}}, "call analytics"),
]


@pytest.mark.parametrize(("members", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_is_not_offered_is_refused_in_words(started: Ended, members: dict[str, Any], words: str) -> None:
    code, status, message = error_of(started, **members)
    assert (code, status) == ("BadRequestException", 400)
    assert words in message


@pytest.mark.parametrize("wrong", ["", " ", "a b", "a/b", "../a", "ä", "x" * 201])
def test_names_are_checked(transcribe: "TranscribeServiceClient", wrong: str) -> None:
    given: Any = {"Media": {"MediaFileUri": MEDIA}, "LanguageCode": "en-US", "TranscriptionJobName": wrong or " "}
    assert error_of(transcribe.start_transcription_job, **given)[0] == "BadRequestException"


@pytest.mark.parametrize("odd", [".", "..", "-", "a.json", ".timbre-partial-x", "x" * 200])
def test_odd_names_are_names(transcribe: "TranscribeServiceClient", started: Ended, odd: str) -> None:
    assert started(TranscriptionJobName=odd)["TranscriptionJobName"] == odd
    transcribe.delete_transcription_job(TranscriptionJobName=odd)


class TestDelete:
    def test_it_is_gone_and_its_name_is_free(
        self, transcribe: "TranscribeServiceClient", ended: Ended, started: Ended, name: str
    ) -> None:
        first = ended()
        transcribe.delete_transcription_job(TranscriptionJobName=name)
        assert error_of(transcribe.get_transcription_job, TranscriptionJobName=name)[:2] == ("NotFoundException", 404)
        assert started()["CreationTime"] > first["CreationTime"]
        again = ended(TranscriptionJobName=f"{name}-2")
        assert again["TranscriptionJobStatus"] == "COMPLETED"

    def test_one_that_is_being_done(self, transcribe: "TranscribeServiceClient", started: Ended, name: str) -> None:
        started()
        transcribe.delete_transcription_job(TranscriptionJobName=name)
        assert error_of(transcribe.get_transcription_job, TranscriptionJobName=name)[0] == "NotFoundException"

    def test_what_is_not_there(self, transcribe: "TranscribeServiceClient") -> None:
        code, status, message = error_of(transcribe.delete_transcription_job, TranscriptionJobName="no-such")
        assert (code, status) == ("BadRequestException", 400)
        assert "couldn't be found" in message


class TestList:
    def test_newest_first_in_pages(
        self, transcribe: "TranscribeServiceClient", started: Ended, listed: Callable[..., Iterator[Job]]
    ) -> None:
        names = [f"listed-{number}" for number in range(7)]
        for one in names:
            started(TranscriptionJobName=one)
        found = list(
            listed("list_transcription_jobs", "TranscriptionJobSummaries", JobNameContains="listed-", MaxResults=3)
        )
        assert [one["TranscriptionJobName"] for one in found] == names[::-1]
        assert {one["LanguageCode"] for one in found} == {"en-US"}
        assert {one["OutputLocationType"] for one in found} == {"SERVICE_BUCKET"}
        assert len(transcribe.list_transcription_jobs(JobNameContains="listed-")["TranscriptionJobSummaries"]) == 5
        for one in names:
            transcribe.delete_transcription_job(TranscriptionJobName=one)

    def test_by_status(self, transcribe: "TranscribeServiceClient", ended: Ended, name: str) -> None:
        ended()
        for status, count in (("COMPLETED", 1), ("FAILED", 0)):
            page = transcribe.list_transcription_jobs(JobNameContains=name, Status=status)  # type: ignore[arg-type]
            assert (page["Status"], len(page["TranscriptionJobSummaries"])) == (status, count)

    @pytest.mark.parametrize(
        "wrong", [{"NextToken": "nonsense"}, {"MaxResults": 101}, {"Status": "DONE"}, {"JobNameContains": "a b"}]
    )
    def test_what_cannot_be_asked(self, transcribe: "TranscribeServiceClient", wrong: dict[str, Any]) -> None:
        assert error_of(transcribe.list_transcription_jobs, **wrong)[:2] == ("BadRequestException", 400)
