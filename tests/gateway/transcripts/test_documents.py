"""The forms in which transcripts are kept."""

from gateway.transcripts.amazon import AmazonJob, amazon_document
from gateway.transcripts.documents import cues, document
from gateway.transcripts.filtering import filtered
from gateway.transcripts.transcript import Item, Passage, Transcript
from shared.subtitles import srt, vtt
from tests.gateway.transcripts.said import said

JOB = AmazonJob("calls", "000000000000", None)


def test_amazons_form() -> None:
    assert amazon_document(said("Hello there.", "Yes"), JOB) == {
        "jobName": "calls",
        "accountId": "000000000000",
        "status": "COMPLETED",
        "results": {
            "transcripts": [{"transcript": "Hello there. Yes"}],
            "items": [
                word(0, "Hello", "0.0", "0.5"),
                word(1, "there", "0.5", "1.0"),
                {"id": 2, "type": "punctuation", "alternatives": [{"confidence": "0.0", "content": "."}]},
                word(3, "Yes", "2.0", "2.5"),
            ],
            "audio_segments": [
                {"id": 0, "transcript": "Hello there.", "start_time": "0.0", "end_time": "1.0", "items": [0, 1, 2]},
                {"id": 1, "transcript": "Yes", "start_time": "2.0", "end_time": "2.5", "items": [3]},
            ],
        },
    }


def word(number: int, content: str, start: str, end: str) -> dict[str, object]:
    alternatives = [{"confidence": "0.900", "content": content}]
    times = {"start_time": start, "end_time": end}
    return {"id": number, "type": "pronunciation", "alternatives": alternatives, **times}


def test_what_is_tagged_is_told() -> None:
    items = amazon_document(filtered(said("Hello there."), ["there"], "tag"), JOB)["results"]["items"]
    assert [item.get("vocabularyFilterMatch") for item in items] == [None, True, None]
    words = document(filtered(said("Hello there."), ["there"], "tag"))["words"]
    assert [one.get("filtered") for one in words] == [None, True]


def test_a_language_that_was_found_out_is_told() -> None:
    transcript = said("Bonjour", language="fr")
    for codes, told in ((("en-US", "fr-CA"), "fr-CA"), ((), "fr-FR"), (("en-US",), "fr-FR")):
        job = AmazonJob("calls", "000000000000", codes)
        assert amazon_document(transcript, job)["results"]["language_code"] == told
    assert "language_code" not in amazon_document(said("", language=None), AmazonJob("a", "0", ()))["results"]


def test_silence() -> None:
    results = amazon_document(Transcript((), 2.0, None, "fake/1"), JOB)["results"]
    assert results == {"transcripts": [{"transcript": ""}], "items": [], "audio_segments": []}


def test_our_own_form() -> None:
    told = document(said("Hello there.", "Yes"))
    assert (told["text"], told["language"], told["duration"]) == ("Hello there. Yes", "en", 3.5)
    assert told["segments"][1] == {"id": 1, "start": 2.0, "end": 2.5, "text": "Yes"}
    assert told["words"][1] == {"word": "there", "start": 0.5, "end": 1.0, "probability": 0.9}


def test_languages_without_spaces_have_none() -> None:
    items = (Item("你好", 0, 1), Item("，"), Item("世界", 1, 2))
    assert Transcript((Passage(0, 2, items),) * 2, 4, "zh", "fake/1").text == "你好，世界你好，世界"


def test_subtitles_are_numbered_from_what_is_asked() -> None:
    transcript = said("Hello there.", "Yes")
    for first in (0, 1):
        assert srt(cues(transcript), first).startswith(f"{first}\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n")
        assert vtt(cues(transcript), first).startswith(f"WEBVTT\n\n{first}\n00:00:00.000 --> 00:00:01.000\nHello")
    assert vtt(cues(transcript)).startswith("WEBVTT\n\n00:00:00.000")
