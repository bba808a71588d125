"""Names of files, as their owners know them, and ids, as Timbre knows them."""

import re
import secrets
import unicodedata

_MOST_BYTES = 255
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NAMELESS = "file"


def new_id(created_milliseconds: int) -> str:
    """Return an id that sorts by its time."""
    return f"file-{created_milliseconds:012x}{secrets.token_hex(6)}"


def time_of(file_id: str) -> int:
    """Return the milliseconds since 1970 that an id was made with."""
    return int(file_id[5:17], 16)


def only_name(given: str | None) -> str:
    """Return a file's name without folders, control characters and lone surrogates, at most 255 bytes of it."""
    name = re.split(r"[/\\]", given or "")[-1]
    name = "".join(character for character in name if unicodedata.category(character) not in _CONTROL_CATEGORIES)
    name = name.strip().encode()[:_MOST_BYTES].decode(errors="ignore")
    return _NAMELESS if name in {"", ".", ".."} else name
