"""Vocabularies and vocabulary filters: kept, listed, changed, deleted, and heard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest

from tests.compat.transcribe.conftest import Job, error_of, fetched, transcript_of
from tests.stack import BUCKET, Storage

if TYPE_CHECKING:
    from types_boto3_transcribe.client import TranscribeServiceClient

pytestmark = pytest.mark.timeout(300)


Call = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    """The operations of one of the two kinds, and what its members are called."""

    create: Call
    get: Call
    list: Call
    update: Call
    delete: Call
    noun: str
    plural: str
    words: str

    def named(self, name: str, **members: Any) -> dict[str, Any]:
        return {f"{self.noun}Name": name, **members}

    def language(self, code: str) -> dict[str, str]:
        """What an update may change: filters keep theirs."""
        return {"LanguageCode": code} if self.words == "Phrases" else {}

    def make(self, name: str, *words: str, language: str = "en-US") -> dict[str, Any]:
        made: dict[str, Any] = self.create(**self.named(name, LanguageCode=language, **{self.words: [*words]}))
        return made

    def written(self, name: str) -> str:
        """Return what a list holds, as its link has it."""
        answer = fetched(self.get(**self.named(name))["DownloadUri"])
        assert answer.status_code == 200
        return answer.text

    def listed(self, **members: Any) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self.list(**members, **token)
            yield from page[self.plural]
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}


@pytest.fixture(params=["vocabulary", "filter"])
def kind(request: pytest.FixtureRequest, transcribe: "TranscribeServiceClient") -> Kind:
    return kind_of(transcribe, request.param)


@pytest.fixture
def theirs(kind: Kind, other: "TranscribeServiceClient") -> Kind:
    """The same kind, of another key."""
    return kind_of(other, "vocabulary" if kind.words == "Phrases" else "filter")


def kind_of(client: "TranscribeServiceClient", which: str) -> Kind:
    if which == "vocabulary":
        return Kind(
            client.create_vocabulary,
            client.get_vocabulary,
            client.list_vocabularies,
            client.update_vocabulary,
            client.delete_vocabulary,
            *("Vocabulary", "Vocabularies", "Phrases"),
        )
    return Kind(
        client.create_vocabulary_filter,
        client.get_vocabulary_filter,
        client.list_vocabulary_filters,
        client.update_vocabulary_filter,
        client.delete_vocabulary_filter,
        *("VocabularyFilter", "VocabularyFilters", "Words"),
    )


@pytest.fixture
def kept(kind: Kind) -> Iterator[str]:
    """The name of a list that there is."""
    name = f"list-{token_hex(6)}"
    kind.make(name, "thursday", "Los-Angeles")
    yield name
    kind.delete(**kind.named(name))


class TestKeeping:
    def test_what_is_made_is_there(self, kind: Kind, kept: str) -> None:
        found = kind.get(**kind.named(kept))
        assert (found[f"{kind.noun}Name"], found["LanguageCode"]) == (kept, "en-US")
        assert (
            kind.written(kept) == {"Phrases": "thursday\nLos Angeles\n", "Words": "thursday\nLos-Angeles\n"}[kind.words]
        )

    def test_a_name_is_used_once(self, kind: Kind, kept: str) -> None:
        members = kind.named(kept, LanguageCode="en-US", **{kind.words: ["other"]})
        assert error_of(kind.create, **members)[:2] == ("ConflictException", 409)
        assert kind.written(kept).startswith("thursday\n")

    def test_it_can_be_changed(self, kind: Kind, kept: str) -> None:
        before = kind.get(**kind.named(kept))["LastModifiedTime"]
        changed = kind.update(**kind.named(kept, **kind.language("en-GB"), **{kind.words: ["friday"]}))
        assert changed["LanguageCode"] == kind.language("en-GB").get("LanguageCode", "en-US")
        assert changed["LastModifiedTime"] >= before
        assert kind.written(kept) == "friday\n"

    def test_what_is_deleted_is_gone(self, kind: Kind) -> None:
        name = f"gone-{token_hex(6)}"
        kind.make(name, "word")
        kind.delete(**kind.named(name))
        for call in (kind.get, kind.delete):
            assert error_of(call, **kind.named(name))[:2] == ("NotFoundException", 404)
        members = kind.named(name, **kind.language("en-US"), **{kind.words: ["word"]})
        assert error_of(kind.update, **members)[0] == "NotFoundException"

    def test_another_key_does_not_see_it(self, kept: str, theirs: Kind) -> None:
        assert error_of(theirs.get, **theirs.named(kept))[0] == "NotFoundException"
        assert list(theirs.listed()) == []

    def test_the_waiter(self, transcribe: "TranscribeServiceClient") -> None:
        name = f"waited-{token_hex(6)}"
        made = transcribe.create_vocabulary(VocabularyName=name, LanguageCode="en-US", Phrases=["word"])
        assert made["VocabularyState"] == "READY"
        transcribe.get_waiter("vocabulary_ready").wait(VocabularyName=name)
        transcribe.delete_vocabulary(VocabularyName=name)


class TestFiles:
    def name_of(self, storage: Storage, content: bytes) -> str:
        storage.s3.put_object(Bucket=BUCKET, Key="transcribe/words.txt", Body=content)
        return f"s3://{BUCKET}/transcribe/words.txt"

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"thursday\r\n\r\nfriday\n", "thursday\nfriday\n"),
            (b"\xef\xbb\xbfthursday\n", "thursday\n"),
        ],
    )
    def test_a_word_on_each_line(self, kind: Kind, storage: Storage, kept: str, content: bytes, words: str) -> None:
        file = {f"{kind.noun}FileUri": self.name_of(storage, content)}
        kind.update(**kind.named(kept, **kind.language("en-US"), **file))
        assert kind.written(kept) == words

    def test_a_table(self, transcribe: "TranscribeServiceClient", storage: Storage) -> None:
        table = b"Phrase\tSoundsLike\tIPA\tDisplayAs\nLos-Angeles\t\t\tL.A.-based\nsan-jose\t\t\t\n"
        name = f"table-{token_hex(6)}"
        file: Any = {"VocabularyFileUri": self.name_of(storage, table)}
        transcribe.create_vocabulary(VocabularyName=name, LanguageCode="en-US", **file)
        written = fetched(transcribe.get_vocabulary(VocabularyName=name)["DownloadUri"]).text
        assert written == "L.A.-based\nsan jose\n"
        transcribe.delete_vocabulary(VocabularyName=name)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"\xff\xfe", "UTF-8"),
            (b"Word\tSound\na\tb\n", "columns"),
            (b"\n\n", "not a single word"),
            (b"word\n" * 20_000, "51200 bytes"),
        ],
    )
    def test_a_file_that_cannot_be_read_fails_the_vocabulary(
        self, transcribe: "TranscribeServiceClient", storage: Storage, content: bytes, reason: str
    ) -> None:
        name = f"failed-{token_hex(6)}"
        file: Any = {"VocabularyFileUri": self.name_of(storage, content)}
        assert (
            transcribe.create_vocabulary(VocabularyName=name, LanguageCode="en-US", **file)["VocabularyState"]
            == "FAILED"
        )
        found = transcribe.get_vocabulary(VocabularyName=name)
        assert (found["VocabularyState"], reason in found["FailureReason"]) == ("FAILED", True)
        call = transcribe.start_transcription_job
        job: Any = {"TranscriptionJobName": name, "Media": {"MediaFileUri": f"s3://{BUCKET}/a.mp3"}}
        used = {"Settings": {"VocabularyName": name}, "LanguageCode": "en-US"}
        assert "isn't ready" in error_of(call, **job, **used)[2]
        transcribe.delete_vocabulary(VocabularyName=name)


class TestListing:
    def test_in_pages_by_name(self, kind: Kind) -> None:
        names = [f"listed-{number}-{token_hex(3)}" for number in range(7)]
        for name in names:
            kind.make(name, "word")
        found = list(kind.listed(NameContains="listed-", MaxResults=3))
        assert [one[f"{kind.noun}Name"] for one in found] == names
        for name in names:
            kind.delete(**kind.named(name))

    def test_a_hundred_are_the_most(self, theirs: Kind) -> None:
        for number in range(100):
            theirs.make(f"many-{number}", "word")
        assert len(list(theirs.listed(MaxResults=100))) == 100
        members = theirs.named("one-more", LanguageCode="en-US", **{theirs.words: ["word"]})
        assert error_of(theirs.create, **members)[:2] == ("LimitExceededException", 429)
        for number in range(100):
            theirs.delete(**theirs.named(f"many-{number}"))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "either"),
        ({"Words": ["a"], "VocabularyFilterFileUri": f"s3://{BUCKET}/a"}, "either"),
        ({"Words": ["  "]}, "not a single word"),
        ({"Words": ["x" * 201]}, "200 characters"),
        ({"Words": [f"{number:0100}" for number in range(600)]}, "51200 bytes"),
        ({"Words": ["a"], "LanguageCode": "Martian!"}, "en-US"),
        ({"VocabularyFilterFileUri": "s3://somebody-elses/a"}, "operator"),
        ({"VocabularyFilterFileUri": "https://127.0.0.1/a"}, "public internet"),
        ({"Words": ["a"], "DataAccessRoleArn": "arn:aws:iam::000000000000:role/a"}, "roles"),
        ({"Words": ["a"], "EncryptionConfiguration": {"KMSKey": "a"}}, "KMS"),
    ],
)
def test_what_cannot_be_kept(transcribe: "TranscribeServiceClient", members: dict[str, Any], words: str) -> None:
    given = {"VocabularyFilterName": "wrong", "LanguageCode": "en-US", **members}
    code, status, message = error_of(transcribe.create_vocabulary_filter, **given)
    assert (code, status) == ("BadRequestException", 400)
    assert words in message


class TestInAJob:
    @pytest.mark.parametrize("method", [None, "mask", "remove", "tag"])
    def test_words_are_filtered(
        self, transcribe: "TranscribeServiceClient", ended: Callable[..., Job], method: str | None
    ) -> None:
        name = f"filter-{token_hex(6)}"
        kind_of(transcribe, "filter").make(name, "THE")
        settings = {"VocabularyFilterName": name, **({"VocabularyFilterMethod": method} if method else {})}
        job = ended(Settings=settings, Subtitles={"Formats": ["srt"]})
        assert job["Settings"] == settings
        results = transcript_of(job)["results"]
        (subtitles,) = job["Subtitles"]["SubtitleFileUris"]
        for text in (results["transcripts"][0]["transcript"], fetched(subtitles).text):
            assert ("***" in text) == (method in (None, "mask"))
            assert ("the" in text.split()) == (method == "tag")
        tagged = [item["alternatives"][0]["content"] for item in results["items"] if item.get("vocabularyFilterMatch")]
        assert bool(tagged) == (method == "tag")
        assert set(tagged) <= {"the"}
        transcribe.delete_vocabulary_filter(VocabularyFilterName=name)

    def test_a_vocabulary_that_the_model_does_not_heed_is_told_of(
        self, transcribe: "TranscribeServiceClient", ended: Callable[..., Job]
    ) -> None:
        name = f"vocabulary-{token_hex(6)}"
        kind_of(transcribe, "vocabulary").make(name, "Thursday")
        told = transcript_of(ended(Settings={"VocabularyName": name}))
        assert "does not heed" in told["warnings"][0]
        transcribe.delete_vocabulary(VocabularyName=name)

    def test_what_is_changed_later_is_for_later_jobs(
        self, transcribe: "TranscribeServiceClient", started: Callable[..., Job], name: str
    ) -> None:
        kind_of(transcribe, "filter").make(name, "the")
        started(Settings={"VocabularyFilterName": name})
        transcribe.delete_vocabulary_filter(VocabularyFilterName=name)
        transcribe.get_waiter("transcription_job_completed").wait(
            TranscriptionJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        job: Any = transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
        assert "***" in transcript_of(job)["results"]["transcripts"][0]["transcript"]

    def test_one_for_another_language(self, transcribe: "TranscribeServiceClient", started: Callable[..., Job]) -> None:
        name = f"german-{token_hex(6)}"
        kind_of(transcribe, "vocabulary").make(name, "Donnerstag", language="de-DE")
        assert "another language" in error_of(started, Settings={"VocabularyName": name})[2]
        transcribe.delete_vocabulary(VocabularyName=name)
