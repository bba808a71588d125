"""Nothing is learned without the consent of the speaker, and what is asked for is said in words."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.problems import InvalidInput, NotFound
from tests.started import ROOT
from training.voices.terms import Terms, consent_of, read_terms, write_terms

STATEMENT = "I, Alice Smith, agree that my voice is learned and used."


def told(path: Path, *options: str) -> tuple[int, str]:
    """Call the command; return its exit status and what it wrote to standard error."""
    command = [sys.executable, "-m", "training.voices.terms", str(path), *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stderr


class TestConsent:
    def test_is_kept_as_it_was_given(self) -> None:
        consent = consent_of(" Alice  ", f"  {STATEMENT}\n", "2026-01-31", "signed, in the safe")
        assert consent.model_dump() == {
            "speaker": "Alice",
            "basis": STATEMENT,
            "given_on": "2026-01-31",
            "record": "signed, in the safe",
        }

    def test_is_of_today_unless_it_says_otherwise(self) -> None:
        before, consent, after = datetime.now(UTC).date(), consent_of("Alice", STATEMENT), datetime.now(UTC).date()
        assert consent.given_on in {before.isoformat(), after.isoformat()}

    @pytest.mark.parametrize(
        ("speaker", "statement", "day", "words"),
        [
            ("", STATEMENT, "", "Whose voice is it?"),
            ("Alice", "", "", "needs the consent of its speaker"),
            ("Alice", "yes", "", "needs the consent of its speaker"),
            ("Alice", "x " * 1_001, "", "at most 2000 characters"),
            ("Alice", STATEMENT, "31.1.2026", "written as 2026-01-31"),
            ("Alice", STATEMENT, (datetime.now(UTC) + timedelta(days=2)).date().isoformat(), "lies in the future"),
        ],
    )
    def test_that_is_none_is_refused_in_words(self, speaker: str, statement: str, day: str, words: str) -> None:
        with pytest.raises(InvalidInput, match=words.replace("?", r"\?")):
            consent_of(speaker, statement, day)


class TestTerms:
    def test_are_read_as_they_were_written(self, tmp_path: Path) -> None:
        terms = Terms(name="alice-2", consent=consent_of("Alice", STATEMENT), gender="female")
        write_terms(tmp_path / "out" / "terms.json", terms)
        assert read_terms(tmp_path / "out" / "terms.json") == terms
        assert (terms.display_name, terms.licence, terms.noncommercial) == ("Alice 2", "not stated", False)

    def test_that_are_missing_or_damaged(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="were not written down"):
            read_terms(tmp_path / "terms.json")
        (tmp_path / "terms.json").write_text('{"name": "alice"}')
        with pytest.raises(InvalidInput, match="consent"):
            read_terms(tmp_path / "terms.json")

    def test_of_recordings_without_commercial_use_allow_none(self) -> None:
        recordings = {"name": "a", "licence": "CC BY-NC 4.0", "source": "s3://a"}
        terms = Terms(name="alice", consent=consent_of("Alice", STATEMENT), training_data=[recordings])
        assert terms.noncommercial


class TestCommand:
    def test_tells_what_the_voice_is_made_from(self, tmp_path: Path) -> None:
        statement = tmp_path / "consent.txt"
        statement.write_text(STATEMENT)
        options = ("--name", "alice", "--speaker-name", "Alice", "--consent-file", str(statement))
        assert told(tmp_path / "terms.json", *options, "--recordings", "/home/alice/recordings/") == (0, "")
        assert told(tmp_path / "2.json", *options, "--base", str(tmp_path / "terms.json"), "--noncommercial") == (0, "")
        first, second = (read_terms(tmp_path / name) for name in ("terms.json", "2.json"))
        assert first.consent.basis == STATEMENT
        assert [data.model_dump(exclude_none=True) for data in first.training_data] == [
            {"name": "recordings", "licence": "not stated", "source": "a folder", "use": "learned from"}
        ]
        assert [data.name for data in second.training_data] == ["alice", "recordings"]
        assert second.noncommercial

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (("--name", "alice", "--speaker-name", "Alice"), "needs the consent"),
            (("--name", "../alice", "--speaker-name", "Alice", "--consent", STATEMENT), "A name has 1 to 64"),
            (("--name", "nova", "--speaker-name", "Alice", "--consent", STATEMENT), "there already"),
            (("--name", "slt", "--speaker-name", "Alice", "--consent", STATEMENT), "there already"),
            (("--name", "a", "--speaker-name", "A", "--consent-file", "/no/such"), "cannot be read as text"),
            (("--name", "a", "--speaker-name", "A", "--consent", STATEMENT, "--data", "/no"), "no JSON"),
        ],
    )
    def test_refuses_in_words_and_writes_nothing(self, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
        status, said = told(tmp_path / "terms.json", *options)
        assert (status, words in said, "Traceback" in said) == (1, True, False), said
        assert not list(tmp_path.iterdir())
