"""The lexicons of all callers, in the object store. Each call sees one caller's lexicons only.

A lexicon is one object, `lexicons/CALLER/NAME`: the document as it came.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock

from shared.lexicons.lexicon import LEXICON_NAME, MOST_LEXICONS_OF_A_KEY, Lexicon
from shared.lexicons.pls import parse_pls
from shared.objects import ObjectInfo, ObjectStore
from shared.problems import InvalidLexicon, LexiconNotFound, NotFound, TooLarge, TooManyLexicons

_MOST_BYTES = 65_536
_READ_ONCE = 256
"""Lexicons that are kept in memory, of all callers: up to some 20 KB each."""
_READS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class KeptLexicon:
    """A lexicon that somebody keeps."""

    name: str
    content: str
    lexicon: Lexicon
    size_bytes: int
    modified: datetime


class Lexicons:
    """Keeps lexicons. All calls block; each raises Unavailable when the storage fails."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._lock = Lock()
        # One that is written anew has another etag, so that what was read under one stays true.
        self._read = lru_cache(_READ_ONCE)(self._read_anew)

    def put(self, caller: str, name: str, content: str) -> Lexicon:
        """Keep a lexicon, in place of what has its name. Raises InvalidLexicon, TooManyLexicons, StorageFull."""
        lexicon, key = parse_pls(content), _key(caller, name)
        with self._lock:  # two of one caller would both count too few
            others = {found.key for found in self._objects.list(_prefix(caller))} - {key}
            if len(others) >= MOST_LEXICONS_OF_A_KEY:
                raise TooManyLexicons(f"A key keeps at most {MOST_LEXICONS_OF_A_KEY} lexicons; delete one first.")
            self._objects.put(key, content.encode())
        return lexicon

    def find(self, caller: str, name: str) -> KeptLexicon:
        """Return a lexicon. Raises LexiconNotFound, also for another caller's."""
        info = self._objects.find(_key(caller, name)) if re.fullmatch(LEXICON_NAME, name) else None
        found = self._kept(info) if info else None
        if found is None:
            raise LexiconNotFound("This key has no lexicon of that name.", param="lexicons")
        return found

    def all_of(self, caller: str, names: Sequence[str]) -> list[Lexicon]:
        """Return the lexicons of those names, in order. Raises LexiconNotFound."""
        return [self.find(caller, name).lexicon for name in names]

    def page(self, caller: str) -> list[KeptLexicon]:
        """Return all lexicons of a caller, by name."""
        with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
            return [one for one in pool.map(self._kept, self._objects.list(_prefix(caller))) if one]

    def delete(self, caller: str, name: str) -> None:
        """Remove a lexicon. Raises LexiconNotFound."""
        self.find(caller, name)
        self._objects.delete(_key(caller, name))

    def forget(self, caller: str, until: datetime | None = None) -> None:
        """Remove all lexicons of a caller, or those kept until a moment."""
        for found in list(self._objects.list(_prefix(caller))):
            if until is None or found.modified <= until:
                self._objects.delete(found.key)

    def _kept(self, info: ObjectInfo) -> KeptLexicon | None:
        read = self._read(info.key, info.etag)
        name = info.key.rpartition("/")[2]
        return KeptLexicon(name, *read, info.size_bytes, info.modified) if read else None

    def _read_anew(self, key: str, _: str) -> tuple[str, Lexicon] | None:
        """Return what lies there; None where it is gone meanwhile, or was not written here."""
        try:
            content = self._objects.get(key, limit_bytes=_MOST_BYTES).decode()
            return content, parse_pls(content)
        except (NotFound, TooLarge, InvalidLexicon, UnicodeDecodeError):
            return None


def _prefix(caller: str) -> str:
    return f"lexicons/{caller}/"


def _key(caller: str, name: str) -> str:
    return f"{_prefix(caller)}{name}"
