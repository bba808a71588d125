"""The input as bytes: checked, and with the byte offset of every character."""

import re
from itertools import accumulate

from shared.problems import InvalidInput, TooLarge
from shared.text.document import Run, Style
from shared.text.limits import Limits

UNSPEAKABLE = re.compile("[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ufeff\\ufffe\\uffff]")
"""Characters that mean nothing to a reader, most of which XML cannot hold."""

_FORBIDDEN = re.compile("[\\x00\\ud800-\\udfff]")


def encoded(text: str, limits: Limits) -> bytes:
    """Return the text in UTF-8. Raises InvalidInput for NUL and lone surrogates, TooLarge over the limit."""
    if len(text) > limits.input_bytes:
        raise _too_large(limits)
    if bad := _FORBIDDEN.search(text):
        position = len(text[: bad.start()].encode())
        name = "a NUL character" if bad[0] == "\0" else "half of a surrogate pair"
        raise InvalidInput(f"the text holds {name} (byte {position})", param="input", position=position)
    raw = text.encode()
    if len(raw) > limits.input_bytes:
        raise _too_large(limits)
    return raw


def byte_offsets(text: str, start: int = 0) -> list[int]:
    """Return the byte offset of every character of `text` and of its end, counted from `start`."""
    if text.isascii():
        return list(range(start, start + len(text) + 1))
    return list(accumulate(map(_utf8_bytes, text), initial=start))


def run_at(text: str, start: int, style: Style) -> Run:
    """Return the run for text that stands at the byte offset `start`.

    Control characters that part words (form feed) become spaces, the others are dropped.
    """
    offsets = byte_offsets(text, start)
    if UNSPEAKABLE.search(text):
        kept = [index for index, character in enumerate(text) if _is_kept(character)]
        shown = "".join(" " if UNSPEAKABLE.match(text[index]) else text[index] for index in kept)
        return Run(shown, (*(offsets[index] for index in kept), offsets[-1]), style)
    return Run(text, tuple(offsets), style)


def speakable(text: str) -> str:
    """Return the text as `run_at` would hold it."""
    return run_at(text, 0, Style()).text


def _is_kept(character: str) -> bool:
    return character.isspace() or not UNSPEAKABLE.match(character)


def _utf8_bytes(character: str) -> int:
    code = ord(character)
    return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)


def _too_large(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the text is longer than {limits.input_bytes} bytes; send it in parts", param="input", limit=limits.input_bytes
    )
