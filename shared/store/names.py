"""Names of models, versions and files, and the natural order of versions."""

import re
from pathlib import PurePosixPath

from shared.problems import InvalidInput

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
FILE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,3}$"
"""At most three folders deep: Vosk's models are two."""
MANIFEST = "manifest.json"
POINTER = "current"
DOCUMENT_SUFFIXES = (".md", ".png")
"""Of cards and pictures: they may lie beside a model without standing in its manifest, as they are for people."""

_NAME = re.compile(NAME_PATTERN.strip("^$"))
_RESERVED = frozenset({POINTER, MANIFEST})


def is_name(text: str) -> bool:
    """Tell whether `text` may name a model or a version."""
    return _NAME.fullmatch(text) is not None and text not in _RESERVED


def check_name(text: str, param: str) -> str:
    """Return a name that is safe as a folder and as a key; else raise InvalidInput."""
    if not is_name(text):
        raise InvalidInput(
            f"A {param} has 1 to 64 of a-z, 0-9, '.', '_' and '-', begins with a letter or digit, "
            f"and is none of {', '.join(sorted(_RESERVED))}.",
            param=param,
        )
    return text


def is_document(file_name: str) -> bool:
    """Tell whether a file is for people, not for engines."""
    return PurePosixPath(file_name).suffix.lower() in DOCUMENT_SUFFIXES


def natural_order(version: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key by which "1.9" < "1.10-rc1" < "1.10" < "1.10.1": words < the end < numbers."""
    parts = re.findall(r"\d+|[a-z]+", version)
    return (*((int(part) + 1, "") if part.isdecimal() else (-1, part) for part in parts), (0, ""))
