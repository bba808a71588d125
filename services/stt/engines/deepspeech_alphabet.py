"""The letters that a DeepSpeech model writes, as its file carries them."""

import struct
from collections.abc import Iterator

from shared.problems import ModelCorrupt

SPACE = " "


def read_alphabet(data: bytes) -> list[str]:
    """Return the letters in the order of their labels; the space is one of them.

    `data` is a count, then the label, the length and the UTF-8 of each letter, all numbers 16 bits, little-endian
    (Alphabet::Deserialize in native_client/alphabet.cc). Raises ModelCorrupt.
    """
    try:
        letters = dict(_entries(data))
    except UnicodeDecodeError as error:
        raise ModelCorrupt(
            "This DeepSpeech model writes the bytes of UTF-8, not letters; such models are not served."
        ) from error
    except struct.error as error:
        raise ModelCorrupt("The acoustic model's alphabet cannot be read.") from error
    if sorted(letters) != list(range(len(letters))) or list(letters.values()).count(SPACE) != 1:
        raise ModelCorrupt("The acoustic model's alphabet has gaps, or no space.")
    return [letters[label] for label in range(len(letters))]


def _entries(data: bytes) -> Iterator[tuple[int, str]]:
    (count,) = struct.unpack_from("<H", data)
    at = 2
    for _ in range(count):
        label, length = struct.unpack_from("<HH", data, at)
        at += 4
        letter = data[at : at + length]
        if len(letter) < length or not length:
            raise struct.error("a letter beyond the end")
        yield label, letter.decode()
        at += length
