"""IPA into what the engines speak: ARPAbet for flite, candidate mnemonics for espeak-ng.

Tables written by hand from the IPA chart, flite's `us` phone set and espeak-ng's docs/phonemes.md.
A sound that a voice lacks becomes its nearest neighbour; a sign that is no IPA is refused.
"""

import unicodedata
from collections.abc import Iterator
from typing import TypeVar

from shared.problems import InvalidMarkup

Sound = TypeVar("Sound")

PRIMARY, SECONDARY = "ˈ", "ˌ"

_IGNORED = frozenset(" .|‖‿ː͜͡ˑ") | frozenset(
    "\u0329\u030d\u0303\u0325\u030a\u032c\u0324\u0330\u032a\u033a\u033b\u031f\u0320\u0308\u033d\u0334\u0318\u0319"
    "\u031d\u031e\u031a\u0306\u0339\u031c\u02de\u02b0\u02b7\u02b2\u02e0\u02e4\u207f\u02e1\u2191\u2193\u2197\u2198"
    "\u02e5\u02e6\u02e7\u02e8\u02e9\u030b\u0301\u0304\u0300\u030f\u030c\u0302\u02bc"
)
"""Length, ties, syllable breaks, tones and fine diacritics: neither engine can be told of them."""

# IPA: (ARPAbet phones, espeak-ng mnemonics from the best to the last resort)
_SOUNDS: dict[str, tuple[str, str]] = {
    "aɪ": ("ay", "aI a"),
    "aʊ": ("aw", "aU a"),
    "ɔɪ": ("oy", "OI O o"),
    "eɪ": ("ey", "eI e"),
    "oʊ": ("ow", "oU o"),
    "əʊ": ("ow", "oU o"),
    "tʃ": ("ch", "tS tS; t"),
    "dʒ": ("jh", "dZ dZ; d"),
    "ts": ("t s", "ts t"),
    "i": ("iy", "i: i"),
    "ɪ": ("ih", "I i"),
    "e": ("ey", "e e: eI E"),
    "ɛ": ("eh", "E e"),
    "æ": ("ae", "a E"),
    "a": ("aa", "a a: A:"),
    "ɑ": ("aa", "A: A a"),
    "ɒ": ("aa", "0 A O o"),
    "ɔ": ("ao", "O: O o"),
    "o": ("ow", "o o: oU O"),
    "ʊ": ("uh", "U u"),
    "u": ("uw", "u: u"),
    "ʌ": ("ah", "V a"),
    "ɐ": ("ah", "a# 3 a"),
    "ə": ("ax", "@ e"),
    "ɚ": ("er", "3 @ e"),
    "ɝ": ("er", "3: @ e"),
    "ɜ": ("er", "3: @ e"),
    "ɘ": ("ax", "@ e"),
    "ɵ": ("ax", "o @ U"),
    "ɤ": ("ah", "V o"),
    "ɨ": ("ih", "I i"),
    "ʉ": ("uw", "u: u"),
    "ɯ": ("uw", "u: u"),
    "y": ("uw", "y: y u: u"),
    "ʏ": ("uh", "Y y U u"),
    "ø": ("er", "Y: Y 3: @ e"),
    "œ": ("er", "W 3: @ e"),
    "ɶ": ("aa", "W a"),
    "ɞ": ("er", "3: @ e"),
    "p": ("p", "p"),
    "b": ("b", "b"),
    "t": ("t", "t"),
    "d": ("d", "d"),
    "ʈ": ("t", "t. t"),
    "ɖ": ("d", "d. d"),
    "c": ("k y", "c k"),
    "ɟ": ("g y", "J g"),
    "k": ("k", "k"),
    "g": ("g", "g"),
    "ɡ": ("g", "g"),
    "q": ("k", "q k"),
    "ɢ": ("g", "g"),
    "ʔ": ("", "? t"),
    "m": ("m", "m"),
    "ɱ": ("m", "m"),
    "n": ("n", "n"),
    "ɳ": ("n", "n. n"),
    "ɲ": ("n y", "n^ n"),
    "ŋ": ("ng", "N n"),
    "ɴ": ("ng", "N n"),
    "f": ("f", "f"),
    "v": ("v", "v"),
    "ɸ": ("f", "F f"),
    "β": ("v", "B v"),
    "θ": ("th", "T s"),
    "ð": ("dh", "D z d"),
    "s": ("s", "s"),
    "z": ("z", "z s"),
    "ʃ": ("sh", "S s"),
    "ʒ": ("zh", "Z S s"),
    "ʂ": ("sh", "s. S s"),
    "ʐ": ("zh", "z. Z z s"),
    "ɕ": ("sh", "S; S s"),
    "ʑ": ("zh", "Z; Z z s"),
    "ç": ("hh", "C h"),
    "ʝ": ("y", "j"),
    "x": ("k", "x h k"),
    "ɣ": ("g", "Q g"),
    "χ": ("k", "X x h k"),
    "ʁ": ("r", "R r"),
    "ħ": ("hh", "h"),
    "ʕ": ("", "? a"),
    "h": ("hh", "h x"),
    "ɦ": ("hh", "h x"),
    "ɥ": ("w", "w u"),
    "w": ("w", "w v u"),
    "ʍ": ("w", "w v u"),
    "ʋ": ("v", "v"),
    "j": ("y", "j i"),
    "ɰ": ("w", "Q w"),
    "r": ("r", "r R"),
    "ɹ": ("r", "r R"),
    "ɻ": ("r", "r R"),
    "ɾ": ("d", "* r R"),
    "ʀ": ("r", "R r"),
    "ɽ": ("r", "r R"),
    "l": ("l", "l"),
    "ɫ": ("l", "l"),
    "ɬ": ("l", "l"),
    "ɭ": ("l", "l"),
    "ʎ": ("l y", "l^ l"),
    "ʟ": ("l", "l"),
}
_VOWELS = frozenset("aeiouyøœɶɑɒɔɛæɐəɚɝɜɘɵɤɨʉɯʏɪʊʌɞ")
_COMPOSED = {"ç": "ç"}
"""Letters that Unicode would take apart into a base and a diacritic of another meaning."""


def arpabet(ipa: str) -> list[str]:
    """Return flite's phones, the stressed vowels marked 1. Raises InvalidMarkup on what is no IPA or no sound."""
    phones, stressed = [], False
    for sound in _sounds(ipa):
        if sound in (PRIMARY, SECONDARY):
            stressed = sound == PRIMARY
            continue
        vowel = sound[0] in _VOWELS
        phones += [_stressed(phone, stressed) if vowel else phone for phone in _SOUNDS[sound][0].split()]
        stressed = stressed and not vowel
    return _spoken(phones)


def espeak_candidates(ipa: str) -> list[list[str]]:
    """Return for each sound or stress the mnemonics to try in turn. Raises InvalidMarkup as `arpabet` does."""
    stresses = {PRIMARY: ["'"], SECONDARY: [","]}
    return _spoken([stresses[sound] if sound in stresses else _SOUNDS[sound][1].split() for sound in _sounds(ipa)])


def _stressed(phone: str, stressed: bool) -> str:
    return f"{phone}{1 if stressed else 0}"


def _spoken(sounds: list[Sound]) -> list[Sound]:
    if not sounds:
        raise InvalidMarkup("The phonetic transcription holds no sound.")
    return sounds


def sounds_in(ipa: str) -> Iterator[str]:
    """Yield the sounds of IPA, one after the other; what is none, stress too, is passed over."""
    return (sign for sign in _signs(ipa) if is_sound(sign))


def is_sound(ipa: str) -> bool:
    """Tell whether IPA is a single sound, of one letter or two."""
    return ipa in _SOUNDS


def nearest_phones(sound: str) -> list[str]:
    """Return the ARPAbet phones that are nearest to a sound; a glottal stop has none."""
    return _SOUNDS[sound][0].split()


def _sounds(ipa: str) -> Iterator[str]:
    """Yield the sounds and stress marks of IPA. Raises InvalidMarkup."""
    for sign in _signs(ipa):
        if not is_sound(sign) and sign not in (PRIMARY, SECONDARY):
            raise InvalidMarkup(f"The sign U+{ord(sign):04X} is not among the IPA signs that can be spoken here.")
        yield sign


def _signs(ipa: str) -> Iterator[str]:
    """Split IPA into sounds of the table, the longest first, and single signs."""
    text = "".join(_COMPOSED.get(c) or unicodedata.normalize("NFD", c) for c in unicodedata.normalize("NFC", ipa))
    text = "".join(c for c in text.replace("'", PRIMARY) if c not in _IGNORED)
    position = 0
    while position < len(text):
        pair, single = text[position : position + 2], text[position]
        sign = pair if pair in _SOUNDS else single
        yield sign
        position += len(sign)
