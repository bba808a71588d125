"""Errors about markup: what is wrong, in what, and where."""

from collections.abc import Iterable
from difflib import get_close_matches

from shared.problems import InvalidMarkup


def invalid_markup(detail: str, position: int, element: str) -> InvalidMarkup:
    """Return the problem for markup at the byte offset `position`; `element` names the element or tag at fault."""
    return InvalidMarkup(f"{detail} (byte {position})", position=position, element=printable(element))


def printable(name: str) -> str:
    """Return a name from the input in a form fit for a message: short, and without odd characters."""
    short = name if len(name) <= 40 else name[:39] + "…"
    return "".join(character if character.isprintable() else "?" for character in short)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean X?" for the closest known name, or nothing."""
    close = get_close_matches(name[:40].lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""
