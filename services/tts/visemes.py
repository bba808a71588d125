"""Forms of the mouth, by Amazon Polly's names, for the sounds that engines tell.

Polly's tables for American and British English. Other languages' sounds take the form of the nearest English sound.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from services.tts.engines.phones import is_sound, nearest_phones, sounds_in
from services.tts.speech import VisemeTime

SILENCE: Final = "sil"

_OF_PHONES: Final = {
    **dict.fromkeys(("p", "b", "m"), "p"),
    **dict.fromkeys(("t", "d", "n", "l"), "t"),
    **dict.fromkeys(("sh", "zh", "ch", "jh"), "S"),
    **dict.fromkeys(("th", "dh"), "T"),
    **dict.fromkeys(("f", "v"), "f"),
    **dict.fromkeys(("k", "g", "ng", "hh"), "k"),
    **dict.fromkeys(("s", "z"), "s"),
    **dict.fromkeys(("y", "iy", "ih"), "i"),
    **dict.fromkeys(("w", "uw", "uh"), "u"),
    **dict.fromkeys(("aa", "ae", "ay", "aw"), "a"),
    **dict.fromkeys(("er", "eh", "ah"), "E"),
    **dict.fromkeys(("ao", "oy"), "O"),
    **{"r": "r", "ax": "@", "ey": "e", "ow": "o", "pau": SILENCE},
}
_OF_IPA: Final = {"ɐ": "@", "ɚ": "@", "əʊ": "@", "ɒ": "O"}
"""Where the table tells sounds apart that have one phone."""


class Sounding(NamedTuple):
    """A stretch of IPA and when it is heard; without letters it is silence."""

    ipa: str
    start_seconds: float
    end_seconds: float


def of_phones(phones: Iterable[tuple[str, float]]) -> list[VisemeTime]:
    """Return the visemes of ARPAbet phones that begin at so many seconds."""
    return without_repeats(VisemeTime(begin, _OF_PHONES[phone]) for phone, begin in phones if phone in _OF_PHONES)


def of_ipa(stretches: Iterable[Sounding]) -> list[VisemeTime]:
    """Return the visemes of what sounds, in order; several sounds in one stretch last equally long."""
    return without_repeats(viseme for stretch in _whole(list(stretches)) for viseme in _of_stretch(stretch))


def without_repeats(visemes: Iterable[VisemeTime]) -> list[VisemeTime]:
    """Return them without silence that follows silence."""
    found = list(visemes)
    return found[:1] + [two for one, two in pairwise(found) if (one.viseme, two.viseme) != (SILENCE, SILENCE)]


def _whole(stretches: Sequence[Sounding]) -> Iterator[Sounding]:
    """Yield them with the two letters of a diphthong or an affricate as one."""
    waiting: Sounding | None = None
    for stretch in stretches:
        if waiting and is_sound(waiting.ipa + stretch.ipa):
            yield Sounding(waiting.ipa + stretch.ipa, waiting.start_seconds, stretch.end_seconds)
            waiting = None
            continue
        if waiting:
            yield waiting
        waiting = stretch
    if waiting:
        yield waiting


def _of_stretch(stretch: Sounding) -> Iterator[VisemeTime]:
    if not stretch.ipa:
        yield VisemeTime(stretch.start_seconds, SILENCE)
        return
    visemes = [viseme for sound in sounds_in(stretch.ipa) if (viseme := _of_sound(sound))]
    for place, viseme in enumerate(visemes):
        share = place / len(visemes)
        yield VisemeTime(stretch.start_seconds * (1 - share) + stretch.end_seconds * share, viseme)


def _of_sound(sound: str) -> str | None:
    """Return the form of a sound; None for one that the mouth has no part in, such as a glottal stop."""
    phones = nearest_phones(sound)
    return _OF_IPA.get(sound) or (_OF_PHONES.get(phones[0]) if phones else None)
