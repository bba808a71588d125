"""Vocabularies and vocabulary filters: lists of words that callers keep under names, for their jobs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.aws.transcribe.languages import require_language
from gateway.aws.transcribe.refusals import require_possible_words
from gateway.aws.transcribe.word_files import as_written, phrases_in, words_in
from gateway.media import fetched, require_reachable
from gateway.owned import Document, Owned
from gateway.settings import GatewaySettings
from shared.objects import ObjectStore
from shared.problems import InvalidInput, Problem

READY, FAILED = "READY", "FAILED"
_MOST_BYTES = 51_200
_MOST_LETTERS = 200
"""Of one phrase."""


@dataclass(frozen=True, slots=True)
class WordList:
    """One of the two kinds: what its members are called, and how its words are read."""

    title: str
    collection: str
    name: str
    words: str
    file: str
    listing: str
    read: Callable[[str], list[str]]
    """What a file of this kind holds. Raises InvalidInput."""
    as_written: Callable[[str], str]
    """How a word of a request is written in a text."""

    def owned(self, objects: ObjectStore) -> Owned:
        """Return where lists of this kind are kept."""
        return Owned(objects, self.collection)

    def usable(self, objects: ObjectStore, caller: str, name: str) -> Document:
        """Return a list for a job; blocks. Raises InvalidInput where there is none that can be used."""
        found = self.owned(objects).find(caller, name)
        if found is None:
            raise InvalidInput(self.unknown)
        if found["VocabularyState"] != READY:
            raise InvalidInput(f"The requested {self.title} isn't ready: {found['FailureReason']}")
        return found

    @property
    def unknown(self) -> str:
        """What is said of a name that there is not."""
        return f"The requested {self.title} couldn't be found. Check the name and try your request again."

    async def document(self, given: dict[str, Any], language: str, settings: GatewaySettings) -> Document:
        """Return what is to be kept of a request. Raises InvalidInput, Forbidden, Unavailable."""
        require_possible_words(given)
        if (self.words in given) == (self.file in given):
            raise InvalidInput(f"Give either {self.words} or {self.file}.", param=self.words)
        words, failure = await self._words(given, settings)
        return {
            self.name: given[self.name],
            "LanguageCode": require_language(language),
            self.words: words,
            "VocabularyState": FAILED if failure else READY,
            "FailureReason": failure,
            "LastModifiedTime": datetime.now(UTC).isoformat(),
        }

    async def _words(self, given: dict[str, Any], settings: GatewaySettings) -> tuple[Sequence[str], str | None]:
        """Return the words, or why the file that should have them has none."""
        if self.words in given:
            return _checked(map(self.as_written, given[self.words])), None
        require_reachable(given[self.file], settings)
        try:
            return _checked(self.read(_text(await fetched(given[self.file], settings, _MOST_BYTES)))), None
        except Problem as problem:
            if problem.status >= 500:
                raise
            return [], problem.detail


def _checked(words: Iterable[str]) -> list[str]:
    kept = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not kept:
        raise InvalidInput("There is not a single word.")
    if sum(len(word.encode()) + 1 for word in kept) > _MOST_BYTES:
        raise InvalidInput(f"All words together have at most {_MOST_BYTES} bytes.")
    if any(len(word) > _MOST_LETTERS for word in kept):
        raise InvalidInput(f"A phrase has at most {_MOST_LETTERS} characters.")
    return kept


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeError as error:
        raise InvalidInput("The file is not UTF-8.") from error


VOCABULARIES = WordList(
    title="vocabulary",
    collection="vocabularies",
    name="VocabularyName",
    words="Phrases",
    file="VocabularyFileUri",
    listing="Vocabularies",
    read=phrases_in,
    as_written=as_written,
)
FILTERS = WordList(
    title="vocabulary filter",
    collection="vocabulary-filters",
    name="VocabularyFilterName",
    words="Words",
    file="VocabularyFilterFileUri",
    listing="VocabularyFilters",
    read=words_in,
    as_written=str,
)
