"""Texts of others, as a terminal may show them."""


def printable(text: str) -> str:
    r"""Return a text of others as one line that does nothing to a terminal: an escape becomes \x1b."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
