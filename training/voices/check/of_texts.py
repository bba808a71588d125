"""Rules on texts, and on texts against the length of their sounds."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from training.voices.check.findings import Case, Finding, Level, case, finding
from training.voices.check.measuring import Measured
from training.voices.check.spread import deviations

_MOST_DEVIATIONS, _LEAST_SPREAD, _LEAST_FACTOR = 5.0, 0.08, 1.6
_FEWEST = 8
"""Of fewer recordings nobody can say what is usual."""
_LEAST_SECONDS, _MOST_SECONDS = 0.5, 15.0


def empty(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Lines without anything to speak."""
    yield from finding(
        Level.REFUSED,
        "empty-text",
        "There is nothing to speak in some texts.",
        "Write down what is said, in words, or remove the lines.",
        (case(one, one.text.trouble or "no words") for one in recordings if not one.text.spoken),
    )


def uncovered(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Characters that no symbol covers."""
    lost = "".join(sorted({character for one in recordings for character in one.text.uncovered}))
    yield from finding(
        Level.WARNING,
        "uncovered-characters",
        f"No symbol covers these characters, and they are left out: {' '.join(map(shown, lost))}",
        "Write what is said for them in words, or save the texts as UTF-8 where characters are broken.",
        (case(one, " ".join(map(shown, one.text.uncovered))) for one in recordings if one.text.uncovered),
    )


def shown(character: str) -> str:
    """Return a character as a terminal may show it, with its number."""
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


def lengths(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Texts that are too long or too short for their sounds, and sounds that are too long or too short to learn."""
    yield from finding(
        Level.WARNING,
        "length-against-text",
        "Some sounds are much longer or shorter than their texts take in this voice: words are missing in one of them.",
        "Listen to them, and set right the text or cut the sound.",
        _outliers(recordings),
    )
    yield from finding(
        Level.WARNING,
        "too-long",
        f"Some recordings last more than {_MOST_SECONDS:g} s: they need much memory, and are learnt badly.",
        "Cut them at pauses into sentences of 2 to 12 seconds.",
        (
            case(one, f"{one.sound.seconds:.1f} s")
            for one in recordings
            if one.sound and one.sound.seconds > _MOST_SECONDS
        ),
    )
    yield from finding(
        Level.WARNING,
        "too-short",
        f"Some recordings last less than {_LEAST_SECONDS:g} s.",
        "Use whole phrases.",
        (
            case(one, f"{one.sound.seconds:.2f} s")
            for one in recordings
            if one.sound and one.sound.seconds < _LEAST_SECONDS
        ),
    )


def _outliers(recordings: Sequence[Measured]) -> list[Case]:
    """Compare each with those of its speaker and emotion, or with all where there are few of these."""
    usable = [one for one in recordings if one.sound and one.text.characters]
    groups: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for one in usable:
        groups[one.group].append(one)
    few = [one for group in groups.values() if len(group) < _FEWEST for one in group]
    kept = [group for group in groups.values() if len(group) >= _FEWEST]
    found = [pair for group in kept for pair in _far(group, group)]
    found += _far(few, usable) if len(usable) >= _FEWEST else []
    return [told for _, told in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _far(some: Sequence[Measured], among: Sequence[Measured]) -> Iterator[tuple[float, Case]]:
    """Yield those of whom it is not usual how many letters they speak in a second, and how far they are from it."""
    rates = [math.log(characters_a_second(one)) for one in among]
    usual = sorted(rates)[len(rates) // 2]
    far = {id(one): away for one, away in zip(among, deviations(rates, _LEAST_SPREAD), strict=True)}
    for one in some:
        rate = characters_a_second(one)
        if abs(far[id(one)]) > _MOST_DEVIATIONS and abs(math.log(rate) - usual) > math.log(_LEAST_FACTOR):
            yield abs(far[id(one)]), case(one, f"{rate:.1f} letters a second, usual are {math.exp(usual):.1f}")


def characters_a_second(one: Measured) -> float:
    """Return how many letters are spoken in a second of speech."""
    assert one.sound
    return one.text.characters / max(one.sound.speech_seconds, 0.02)
