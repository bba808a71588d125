"""Lexicons: kept, listed, and heard."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from gateway.key_store import KeyStore
from tests.compat.conftest import REGION, Client, credentials
from tests.compat.polly.conftest import LEXEME, error_of, marks_of, pls
from tests.started import Started

pytestmark = pytest.mark.timeout(300)
W3C = pls(LEXEME.format("W3C", "World Wide Web Consortium"))
TEXT = "The W3C met. The w3c did not."


@pytest.fixture(autouse=True)
def _tidied(polly: Any) -> Iterator[None]:
    yield
    for page in polly.get_paginator("list_lexicons").paginate():
        for lexicon in page["Lexicons"]:
            polly.delete_lexicon(Name=lexicon["Name"])


@pytest.fixture
def w3c(polly: Any) -> str:
    polly.put_lexicon(Name="w3c", Content=W3C)
    return "w3c"


def milliseconds_of(polly: Any, *names: str, text: str = TEXT, voice: str = "slt", **given: Any) -> dict[int, int]:
    """Return how long each word lasts until the next, by its place in the text."""
    answer = polly.synthesize_speech(
        Text=text, VoiceId=voice, OutputFormat="json", SpeechMarkTypes=["word"], LexiconNames=list(names), **given
    )
    marks = marks_of(answer)
    return {mark["start"]: after["time"] - mark["time"] for mark, after in pairwise(marks)}


class TestKept:
    def test_a_lexicon_comes_back_as_it_was(self, polly: Any, w3c: str) -> None:
        answer = polly.get_lexicon(Name=w3c)
        assert answer["Lexicon"] == {"Name": "w3c", "Content": W3C}
        attributes = answer["LexiconAttributes"]
        assert attributes.pop("LastModified") > datetime.now(UTC) - timedelta(minutes=5)
        assert attributes == {
            "Alphabet": "ipa",
            "LanguageCode": "en-US",
            "LexiconArn": f"arn:aws:polly:{REGION}:000000000000:lexicon/w3c",
            "LexemesCount": 1,
            "Size": len(W3C),
        }

    def test_a_name_is_written_over(self, polly: Any, w3c: str) -> None:
        polly.put_lexicon(Name=w3c, Content=pls(LEXEME.format("a", "b") * 2, "en-GB", "x-sampa"))
        expected = {"LexemesCount": 2, "LanguageCode": "en-GB", "Alphabet": "x-sampa"}
        assert polly.get_lexicon(Name=w3c)["LexiconAttributes"].items() >= expected.items()

    def test_a_hundred_are_listed_in_pages_and_one_more_is_refused(self, polly: Any) -> None:
        names = [f"l{number:03}" for number in range(100)]
        for name in names:
            polly.put_lexicon(Name=name, Content=W3C)
        pages = list(polly.get_paginator("list_lexicons").paginate())
        assert len(pages) == 2
        assert [one["Name"] for page in pages for one in page["Lexicons"]] == names
        assert {one["Attributes"]["LexemesCount"] for page in pages for one in page["Lexicons"]} == {1}
        assert error_of(polly.put_lexicon, Name="more", Content=W3C) == ("MaxLexiconsNumberExceededException", 400)
        polly.put_lexicon(Name=names[0], Content=W3C)

    def test_what_is_deleted_is_gone(self, polly: Any, w3c: str) -> None:
        polly.delete_lexicon(Name=w3c)
        for call in (polly.get_lexicon, polly.delete_lexicon):
            assert error_of(call, Name=w3c) == ("LexiconNotFoundException", 404)

    def test_another_key_sees_none_of_them(self, stack: Started, aws: Client, polly: Any, w3c: str) -> None:
        other = aws("polly", **credentials(KeyStore(stack.folder / ".timbre" / "keys.json").create("of lexicons")))
        assert other.list_lexicons()["Lexicons"] == []
        assert error_of(other.get_lexicon, Name=w3c)[0] == "LexiconNotFoundException"
        wanted = {"Text": TEXT, "VoiceId": "slt", "OutputFormat": "mp3", "LexiconNames": [w3c]}
        assert error_of(other.synthesize_speech, **wanted) == ("LexiconNotFoundException", 404)

    def test_a_token_that_no_answer_had(self, polly: Any) -> None:
        assert error_of(polly.list_lexicons, NextToken="nonsense") == ("InvalidNextTokenException", 400)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ("no xml", "InvalidLexiconException"),
            (pls("<lexeme><grapheme>a</grapheme></lexeme>"), "InvalidLexiconException"),
            (f'<!DOCTYPE lexicon [<!ENTITY a "b">]>{pls("")[38:]}', "InvalidLexiconException"),
            (pls("", alphabet="x-arpabet"), "UnsupportedPlsAlphabetException"),
            (pls("", language="english, please"), "UnsupportedPlsLanguageException"),
            (pls("", language="tlh"), "UnsupportedPlsLanguageException"),
            (pls(LEXEME.format("a", "b" * 101)), "MaxLexemeLengthExceededException"),
            (pls(LEXEME.format("a", "b") * 100), "LexiconSizeExceededException"),
        ],
    )
    def test_lexicons_that_cannot_be_taken(self, polly: Any, content: str, code: str) -> None:
        assert error_of(polly.put_lexicon, Name="bad", Content=content) == (code, 400)

    @pytest.mark.parametrize("name", ["a" * 21, "a-b", "ä", "a.b"])
    def test_names_that_cannot_be(self, polly: Any, name: str) -> None:
        assert error_of(polly.put_lexicon, Name=name, Content=W3C) == ("ValidationException", 400)


class TestHeard:
    def test_an_alias_is_spoken_where_the_word_stands(self, polly: Any, w3c: str) -> None:
        usual, changed = milliseconds_of(polly), milliseconds_of(polly, w3c)
        assert changed.keys() == usual.keys()
        assert changed[4] > usual[4] + 300
        assert changed[17] == usual[17], "graphemes are told apart by their case"

    def test_sounds_are_heard(self, polly: Any) -> None:
        lexeme = "<lexeme><grapheme>met</grapheme><phoneme>wɜːldwaɪdwɛbkənsɔːʃəm</phoneme></lexeme>"
        polly.put_lexicon(Name="met", Content=pls(lexeme))
        assert milliseconds_of(polly, "met")[8] > milliseconds_of(polly)[8] + 300

    def test_the_first_of_two_wins(self, polly: Any, w3c: str) -> None:
        polly.put_lexicon(Name="short", Content=pls(LEXEME.format("W3C", "we")))
        assert milliseconds_of(polly, w3c, "short") == milliseconds_of(polly, w3c)
        assert milliseconds_of(polly, "short", w3c)[4] < milliseconds_of(polly, w3c)[4] - 300

    def test_other_languages_are_left_alone(self, polly: Any, w3c: str) -> None:
        for voice in ("Brian", "Vicki"):
            usual = milliseconds_of(polly, voice=voice)
            assert milliseconds_of(polly, w3c, voice=voice) == pytest.approx(usual, abs=80), (
                "espeak-ng differs a little"
            )

    def test_markup_beats_it(self, polly: Any, w3c: str) -> None:
        text = '<speak>The <sub alias="we">W3C</sub> met.</speak>'
        given = {"text": text, "TextType": "ssml"}
        assert milliseconds_of(polly, w3c, **given) == milliseconds_of(polly, **given)

    def test_every_call_for_speech_hears_it(self, polly: Any, w3c: str, public: httpx.Client) -> None:
        calls = {"/v1/audio/speech": {"input": TEXT}, "/v1/speech/emotional": {"text": TEXT, "tagger": False}}
        for path, members in calls.items():
            lengths = [
                len(public.post(path, json={**members, "voice": "slt", "response_format": "pcm", **with_it}).content)
                for with_it in ({}, {"lexicons": [w3c]})
            ]
            assert lengths[1] > lengths[0] + 24_000 * 2 * 0.3

    def test_a_job_hears_it(self, polly: Any, w3c: str, public: httpx.Client) -> None:
        wanted = {"text": TEXT, "voice": "slt", "response_format": "pcm"}
        jobs = [
            public.post("/v1/jobs", json={"kind": "emotional-speech", "input": {**wanted, **with_it}}).json()["id"]
            for with_it in ({}, {"lexicons": [w3c]})
        ]
        ended = [public.get(f"/v1/jobs/{job}", params={"wait": 60}).json() for job in jobs]
        usual, changed = (job["results"][0]["bytes"] for job in ended)
        assert changed > usual + 24_000 * 2 * 0.3

    @pytest.mark.parametrize(("path", "member"), [("/v1/audio/speech", "input"), ("/v1/speech/emotional", "text")])
    def test_one_that_is_not_there(self, public: httpx.Client, path: str, member: str) -> None:
        answer = public.post(path, json={member: "Hello.", "lexicons": ["none"]})
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:timbre:problem:lexicon-not-found"


def test_forgetting_takes_lexicons_too(stack: Started, aws: Client) -> None:
    secret = KeyStore(stack.folder / ".timbre" / "keys.json").create("to be forgotten")
    polly = aws("polly", **credentials(secret))
    polly.put_lexicon(Name="mine", Content=W3C)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx.delete(f"http://127.0.0.1:{stack.port}/v1/jobs", headers=headers, trust_env=False)
    assert answer.status_code == 202
    end = datetime.now(UTC) + timedelta(seconds=120)
    while polly.list_lexicons()["Lexicons"]:
        assert datetime.now(UTC) < end
