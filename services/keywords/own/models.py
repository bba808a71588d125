"""The models of all callers, in the object store. Each call sees one caller's models only.

A word is one object, `keywords/CALLER/MODEL/DIGEST.json`, so that words enrolled at the same time do not undo each
other; a model is there as long as it has a word.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from threading import Lock

from pydantic import ValidationError

from services.keywords.own.names import digest_of
from services.keywords.own.schemas import StoredKeyword
from shared.objects import ObjectInfo, ObjectStore
from shared.problems import ModelNotFound, NotFound, StorageFull, TooLarge
from shared.store.names import is_name

_KEY = re.compile(r"keywords/[^/]+/(?P<model>[^/]+)/[0-9a-f]{32}\.json")
_MOST_BYTES = 262_144
_READ_ONCE = 512
"""Words that are kept in memory, of all callers: about 10 KB each."""


class OwnModels:
    """Keeps words. All calls block; each raises Unavailable when the storage fails."""

    def __init__(self, objects: ObjectStore, most_models: int, most_keywords: int) -> None:
        """Limit the models of a caller, and the words of a model."""
        self._objects = objects
        self._most_models = most_models
        self._most_keywords = most_keywords
        self._lock = Lock()
        # A word that is enrolled anew has another etag, so that what was read under one stays true.
        self._read = lru_cache(_READ_ONCE)(self._read_anew)

    def put(self, caller: str, model: str, keyword: StoredKeyword) -> None:
        """Add a word, or replace it. Raises StorageFull."""
        with self._lock:  # two words of one caller would both count too few
            self.require_room(caller, model, keyword.keyword)
            self._objects.put(_key(caller, model, keyword.keyword), keyword.model_dump_json().encode())

    def require_room(self, caller: str, model: str, keyword: str) -> None:
        """Raise StorageFull unless a word may be added, or replaced."""
        found = {name: [one.key for one in keys] for name, keys in self._listed(caller)}
        if model not in found and len(found) >= self._most_models:
            raise StorageFull(f"A key may keep at most {self._most_models} models of keywords; delete one first.")
        keys = found.get(model, [])
        if _key(caller, model, keyword) not in keys and len(keys) >= self._most_keywords:
            raise StorageFull(f"A model may have at most {self._most_keywords} keywords of its own.")

    def find(self, caller: str, model: str) -> list[StoredKeyword]:
        """Return the words of a model, by the alphabet. Raises ModelNotFound, also for another caller's model."""
        found = dict(self.page(caller, model)) if is_name(model) else {}
        if model not in found:
            raise ModelNotFound("This key has no model of that name.", param="model")
        return found[model]

    def page(self, caller: str, model: str = "") -> Iterator[tuple[str, list[StoredKeyword]]]:
        """Yield the caller's models, or the one of that name, with their words."""
        for name, keys in self._listed(caller, model):
            keywords = [word for one in keys if (word := self._read(one.key, one.etag))]
            if keywords:
                yield name, sorted(keywords, key=lambda word: word.keyword)

    def delete(self, caller: str, model: str) -> None:
        """Remove a model with all its words. Raises ModelNotFound."""
        found = dict(self._listed(caller, model)) if is_name(model) else {}
        if model not in found:
            raise ModelNotFound("This key has no model of that name.", param="model")
        self._objects.delete_all(_prefix(caller, model))

    def delete_all(self, caller: str) -> int:
        """Remove all models of a caller; return how many."""
        count = len(dict(self._listed(caller)))
        self._objects.delete_all(_prefix(caller))
        return count

    def _listed(self, caller: str, model: str = "") -> Iterator[tuple[str, list[ObjectInfo]]]:
        """Yield each model's name, in order, and its objects."""
        listed = ((_KEY.fullmatch(one.key), one) for one in self._objects.list(_prefix(caller, model)))
        for name, found in groupby((one for one in listed if one[0]), lambda one: one[0]["model"] if one[0] else ""):
            yield name, [info for _, info in found]

    def _read_anew(self, key: str, etag: str) -> StoredKeyword | None:
        """Return the word of a key as written; None where it is gone meanwhile, or was not written here."""
        with suppress(NotFound, TooLarge, ValidationError):
            return StoredKeyword.model_validate_json(self._objects.get(key, limit_bytes=_MOST_BYTES))
        return None


def _prefix(caller: str, model: str = "") -> str:
    return f"keywords/{caller}/{model}/" if model else f"keywords/{caller}/"


def _key(caller: str, model: str, keyword: str) -> str:
    return f"{_prefix(caller, model)}{digest_of(keyword)}.json"
