"""Requests are held against AWS's own models, before an operation sees them; no message quotes a value."""

import base64
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from gateway.aws.contract import contract_of
from gateway.aws.reading import parameters
from gateway.aws.values import Invalid

SECRET = "something-of-the-user"


def read(
    service: str, operation: str, body: Any = None, query: list[tuple[str, str]] | None = None, **path: str
) -> Any:
    model = contract_of(service).operation(operation)
    assert model is not None
    return parameters(model, path, query or [], b"" if body is None else orjson.dumps(body))


SPEECH = {"Text": "Hello", "VoiceId": "alice", "OutputFormat": "mp3"}


class TestGood:
    def test_members_that_are_told_and_no_others(self) -> None:
        given = {**SPEECH, "SpeechMarkTypes": ["word"], "Unknown": 1, "Engine": None}
        assert read("polly", "SynthesizeSpeech", given) == {**SPEECH, "SpeechMarkTypes": ["word"]}

    def test_presigned_calls_have_all_in_the_query(self) -> None:
        query = [*SPEECH.items(), ("LexiconNames", "a"), ("LexiconNames", "b"), ("X-Amz-Date", "now")]
        assert read("polly", "SynthesizeSpeech", None, query) == {**SPEECH, "LexiconNames": ["a", "b"]}

    def test_a_body_beats_a_query_that_the_model_has_not(self) -> None:
        assert read("polly", "SynthesizeSpeech", SPEECH, [("Text", "another")])["Text"] == "Hello"

    def test_path_and_query_are_where_the_model_has_them(self) -> None:
        assert read("polly", "PutLexicon", {"Content": "<lexicon/>"}, LexiconName="mine") == {
            "Name": "mine",
            "Content": "<lexicon/>",
        }
        query = [("MaxResults", "5"), ("Status", "completed")]
        assert read("polly", "ListSpeechSynthesisTasks", None, query) == {"MaxResults": 5, "Status": "completed"}
        assert read("polly", "DescribeVoices", None, [("IncludeAdditionalLanguageCodes", "true")]) == {
            "IncludeAdditionalLanguageCodes": True
        }

    def test_blobs_and_moments_are_pythons(self) -> None:
        told = {"EndpointArn": ENDPOINT, "Bytes": base64.b64encode(b"\x00text").decode()}
        assert read("comprehend", "ClassifyDocument", told)["Bytes"] == b"\x00text"
        asked = {"Filter": {"SubmitTimeAfter": 1_700_000_000.5}}
        found = read("comprehend", "ListSentimentDetectionJobs", asked)["Filter"]["SubmitTimeAfter"]
        assert found == datetime.fromtimestamp(1_700_000_000.5, UTC)

    def test_an_operation_without_members(self) -> None:
        assert read("polly", "DescribeVoices") == {}


ENDPOINT = "arn:aws:comprehend:us-east-1:000000000000:document-classifier-endpoint/emotion"
DEEP: Any = "end"
for _ in range(200):
    DEEP = [DEEP]


class TestBad:
    @pytest.mark.parametrize(
        ("service", "operation", "body", "where"),
        [
            ("polly", "SynthesizeSpeech", {"Text": SECRET, "VoiceId": "alice"}, "OutputFormat"),
            ("polly", "SynthesizeSpeech", {**SPEECH, "OutputFormat": SECRET}, "OutputFormat"),
            ("polly", "SynthesizeSpeech", {**SPEECH, "Text": 5}, "Text"),
            ("polly", "SynthesizeSpeech", {**SPEECH, "LexiconNames": SECRET}, "LexiconNames"),
            ("polly", "SynthesizeSpeech", {**SPEECH, "LexiconNames": list("abcdef")}, "LexiconNames"),
            ("polly", "SynthesizeSpeech", {**SPEECH, "LexiconNames": ["a", f"../{SECRET}"]}, "LexiconNames[1]"),
            ("comprehend", "BatchDetectSentiment", {"TextList": [DEEP], "LanguageCode": "en"}, "TextList[0]"),
            ("comprehend", "DetectSentiment", {"Text": "", "LanguageCode": "en"}, "Text"),
            ("comprehend", "ClassifyDocument", {"EndpointArn": ENDPOINT, "Bytes": "no base64!"}, "Bytes"),
            ("comprehend", "ListEndpoints", {"MaxResults": 1.5}, "MaxResults"),
            ("comprehend", "ListEndpoints", {"MaxResults": True}, "MaxResults"),
            ("comprehend", "ListEndpoints", {"MaxResults": 501}, "MaxResults"),
            ("comprehend", "ListEndpoints", {"Filter": [SECRET]}, "Filter"),
            ("comprehend", "ListEndpoints", {"Filter": {"CreationTimeAfter": 1e300}}, "Filter.CreationTimeAfter"),
            ("transcribe", "GetTranscriptionJob", {"TranscriptionJobName": f"a/{SECRET}"}, "TranscriptionJobName"),
            ("transcribe", "GetTranscriptionJob", {"TranscriptionJobName": "a" * 201}, "TranscriptionJobName"),
        ],
    )
    def test_names_the_member_and_not_its_value(self, service: str, operation: str, body: Any, where: str) -> None:
        with pytest.raises(Invalid) as refused:
            read(service, operation, body)
        assert refused.value.detail.startswith(where)
        assert refused.value.param == where
        assert SECRET not in refused.value.detail

    @pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"\xff", b'"text"'])
    def test_a_body_that_is_no_object(self, body: bytes) -> None:
        model = contract_of("comprehend").operation("DetectSentiment")
        assert model is not None
        with pytest.raises(Invalid):
            parameters(model, {}, [], body)

    def test_numbers_in_a_query(self) -> None:
        for text in ("1e3", "five", "1" * 5000):
            with pytest.raises(Invalid):
                read("polly", "ListSpeechSynthesisTasks", None, [("MaxResults", text)])
