"""Rules on all recordings together: duplicates, speakers, emotions, and whether there is enough."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from training.voices.check.findings import Case, Finding, Level, case, finding, refused
from training.voices.check.measuring import Measured

_LEAST_MINUTES, _FEW_MINUTES, _FEW_EMOTION_MINUTES = 1.0, 30.0, 5.0
_LEAST_DIFFERENT = 0.25
_BEGINNING_WORDS, _MOST_ALIKE = 3, 0.25


def unreadable(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Sounds that cannot be used, by what is wrong with them."""
    cases = ((one.fault.mend, case(one, one.fault.what)) for one in recordings if one.fault)
    return refused("unreadable-sound", "Some sounds cannot be used.", cases)


def duplicates(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """The same sound twice: under different texts, in different emotions, or merely again."""
    same: dict[str, list[Measured]] = defaultdict(list)
    for one in recordings:
        if one.sound:
            same[one.sound.hash].append(one)
    twice = [group for group in same.values() if len(group) > 1]
    contradicting = [group for group in twice if len({one.text.spoken for one in group}) > 1]
    acted = [group for group in twice if group not in contradicting and len({one.group for one in group}) > 1]
    merely = [group for group in twice if group not in contradicting and group not in acted]
    yield from finding(
        Level.REFUSED,
        "same-sound-other-text",
        "The same sound has different texts; one of them is wrong.",
        "Listen to it, and remove the lines with the wrong text.",
        _cases(contradicting),
    )
    yield from finding(
        Level.WARNING,
        "same-sound-other-emotion",
        "The same sound stands for different emotions or speakers; the voice will not tell them apart.",
        "Keep it where it belongs.",
        _cases(acted),
    )
    yield from finding(
        Level.WARNING,
        "duplicates",
        "Some sounds are there more than once; they weigh more than others.",
        "Keep one of each.",
        _cases(merely),
    )


def amounts(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Too little in all, or of an emotion."""
    minutes = minutes_of(recordings)
    if sum(minutes.values()) < _LEAST_MINUTES:
        told = (
            f"There are {sum(minutes.values()) * 60:.0f} s of sound in all; that is too little to learn a voice from."
        )
        mend = f"Record at least {_LEAST_MINUTES:g} minute to try things out, and half an hour for a voice."
        yield Finding(Level.REFUSED, "too-little", told, mend)
    elif sum(minutes.values()) < _FEW_MINUTES:
        told = f"There are {sum(minutes.values()):.0f} minutes in all; the voice will be hard to understand."
        mend = (
            "Start from a trained voice (fine-tuning), or record half an hour and more: hours for a voice from nothing."
        )
        yield Finding(Level.WARNING, "little", told, mend)
    yield from _emotions(recordings, minutes)


def _emotions(recordings: Sequence[Measured], minutes: dict[tuple[str, str], float]) -> Iterator[Finding]:
    emotions = {emotion for _, emotion in minutes}
    if len(emotions) == 1 and "neutral" in emotions:
        return
    few = {group: minutes[group] for group in minutes if minutes[group] < _FEW_EMOTION_MINUTES}
    yield from finding(
        Level.WARNING,
        "little-of-emotion",
        "There is little speech in some emotions; they will be heard faintly.",
        f"Record at least {_FEW_EMOTION_MINUTES:g} minutes of each emotion.",
        (Case("", "", f"{_named(group)}, {some:.1f} minutes") for group, some in few.items()),
    )
    if "neutral" not in emotions:
        told = "There is no neutral speech; the voice has no usual way of speaking."
        yield Finding(Level.WARNING, "no-neutral", told, "Record neutral speech, or name the calmest of these neutral.")


def speakers(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Several people."""
    names = sorted({one.recording.speaker for one in recordings})
    if len(names) > 1:
        told = f"{len(names)} speakers are named; one voice will be made of them all."
        yield Finding(Level.WARNING, "speakers", told, "Give each speaker a data set, and a voice.")


def variety(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """The same sentences again and again, or sentences that all begin alike; other emotions may say the same."""
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in recordings:
        if one.text.spoken:
            texts[one.group].append(one.text.spoken)
    mend = "Record other sentences: a book, a newspaper, questions."
    yield from finding(
        Level.WARNING,
        "little-variety",
        "The same sentences are said again and again; others will be spoken badly.",
        mend,
        (
            Case("", "", f"{_named(group)}, {len(set(some))} different sentences in {len(some)} recordings")
            for group, some in texts.items()
            if len(set(some)) < _LEAST_DIFFERENT * len(some)
        ),
    )
    beginnings = Counter(" ".join(text.split()[:_BEGINNING_WORDS]) for some in texts.values() for text in set(some))
    count = sum(map(len, map(set, texts.values())))
    often = [(words, number) for words, number in beginnings.most_common(1) if number > _MOST_ALIKE * count]
    yield from finding(
        Level.WARNING,
        "same-beginning",
        "Many sentences begin with the same words; the voice will hardly learn others there.",
        mend,
        (Case("", "", f"“{words}”, {number / count:.0%} of the sentences") for words, number in often if number > 2),
    )


def _named(group: tuple[str, str]) -> str:
    """Return speaker and emotion for people."""
    return " ".join(filter(None, group))


def minutes_of(recordings: Sequence[Measured]) -> dict[tuple[str, str], float]:
    """Return the minutes of each speaker and emotion."""
    minutes: dict[tuple[str, str], float] = defaultdict(float)
    for one in recordings:
        if one.sound:
            minutes[one.group] += one.sound.seconds / 60
    return dict(minutes)


def _cases(groups: Sequence[Sequence[Measured]]) -> Iterator[Case]:
    for group in groups:
        for one in group[1:]:
            yield case(one, f"the same as {group[0].recording.id} ({group[0].recording.place})")
