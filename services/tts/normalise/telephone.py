"""Telephone numbers in English: digit by digit."""

import re

from services.tts.normalise.numbers import digits
from services.tts.normalise.tokens import Here, Spoken

_WHOLE = re.compile(
    r"(?:\+?\d{1,3}[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]\d{4}|\+\d{7,15}|\+\d{1,3}(?:-\d{2,5}){2,5}|\d{3}-\d{4}", re.ASCII
)
_GROUP = re.compile(r"\d{2,5}(?:-\d{2,5})*", re.ASCII)
_FIRST_GROUP = re.compile(r"\+\d{1,4}", re.ASCII)
_LAST_GROUPS = re.compile(r"\d{3}[-. ]\d{4}", re.ASCII)
_LONGEST_LOOK_BACK = 6


def telephone_number(here: Here) -> Spoken | None:
    """555-123-4567, (555) 123-4567, +44 20 7946 0958."""
    if _WHOLE.fullmatch(here.core) or _is_area_code(here) or _is_in_group(here):
        return spoken_telephone(here.core)
    return None


def spoken_telephone(text: str) -> Spoken:
    """Return the digits of `text`, with its plus if it has one."""
    return (("plus",) if text.lstrip().startswith("+") else ()) + digits(text)


def _is_area_code(here: Here) -> bool:
    """Say whether this is the (555) of "(555) 123-4567"."""
    word = here.words[here.index]
    follows = here.words[here.index + 1].core if here.index + 1 < len(here.words) else ""
    return word.leading.endswith("(") and word.trailing == ")" and bool(_LAST_GROUPS.fullmatch(follows))


def _is_in_group(here: Here) -> bool:
    """Say whether this is one of the groups of "+44 20 7946 0958"."""
    if _FIRST_GROUP.fullmatch(here.core):
        return _GROUP.fullmatch(here.after) is not None
    if not _GROUP.fullmatch(here.core):
        return False
    for index in range(here.index - 1, max(here.index - _LONGEST_LOOK_BACK, 0) - 1, -1):
        word = here.words[index]
        if word.trailing not in ("", ")"):
            return False
        if _FIRST_GROUP.fullmatch(word.core):
            return True
        if not _GROUP.fullmatch(word.core):
            return False
    return False
