"""Which keys an object store takes: relative, bounded, and harmless however they are decoded."""

import unicodedata
from urllib.parse import unquote

from shared.problems import InvalidInput

MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255
PARTIAL_PREFIX = ".timbre-partial-"
"""Names of files that are still being written; no key may look like one, and no listing shows one."""

_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def check_key(key: str) -> str:
    """Return `key` if it is safe, else raise InvalidInput.

    A key is also checked as it reads percent-decoded and in Unicode's compatibility form, since a proxy or a file
    system behind us may see it so ("%2e%2e", fullwidth dots and slashes).
    """
    # First of all, so that a huge key costs nothing.
    if len(key) > MAX_KEY_BYTES:
        raise InvalidInput(f"A key has at most {MAX_KEY_BYTES} bytes.")
    for reading in {key, unquote(key, errors="replace"), unicodedata.normalize("NFKC", key)}:
        _check_characters(reading)
        _check_segments(reading)
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix` if it is empty or begins a safe key; a final "/" is allowed. Else raise InvalidInput."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix


def is_key(text: str) -> bool:
    """Tell whether `check_key` would take `text`."""
    return not fault_of(text)


def fault_of(text: str) -> str:
    """Return what `check_key` says against `text`, empty where it would take it."""
    try:
        check_key(text)
    except InvalidInput as problem:
        return problem.detail
    return ""


def _check_characters(key: str) -> None:
    if any(unicodedata.category(character) in _CONTROL_CATEGORIES for character in key) or "\\" in key:
        raise InvalidInput("A key holds no control characters, no lone surrogates and no backslashes.")
    if len(key.encode()) > MAX_KEY_BYTES:
        raise InvalidInput(f"A key has at most {MAX_KEY_BYTES} bytes.")


def _check_segments(key: str) -> None:
    for segment in key.split("/"):
        if segment in {"", ".", ".."}:
            raise InvalidInput("A key is relative, and no part of it is empty, '.' or '..'.")
        if segment.startswith(PARTIAL_PREFIX):
            raise InvalidInput(f"No part of a key begins with {PARTIAL_PREFIX!r}.")
        if len(segment.encode()) > MAX_SEGMENT_BYTES:
            raise InvalidInput(f"A part of a key has at most {MAX_SEGMENT_BYTES} bytes.")
