"""Rules on all recordings together: duplicates, speakers, emotions, and whether there is enough."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from training.voices.check.findings import Case, Finding, Level, case, finding
from training.voices.check.measuring import Measured

_LEAST_MINUTES, _FEW_MINUTES, _FEW_EMOTION_MINUTES = 1.0, 30.0, 5.0
_LEAST_DIFFERENT = 0.25


def unreadable(recordings: Sequence[Measured]) -> Iterator[Finding]:
    """Sounds that cannot be used, by what is wrong with them."""
    by_mend: dict[str, list[Case]] = defaultdict(list)
    for one in recordings:
        if one.fault:
            by_mend[one.fault.mend].append(case(one, one.fault.what))
    for mend, cases in by_mend.items():
        yield Finding(Level.REFUSED, "unreadable-sound", "Some sounds cannot be used.", mend, tuple(cases))


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
    for speaker, emotion in minutes:
        if minutes[speaker, emotion] < _FEW_EMOTION_MINUTES:
            told = f"There are {minutes[speaker, emotion]:.1f} minutes of {emotion} speech"
            by = f" by {speaker}" if speaker else ""
            mend = f"Record at least {_FEW_EMOTION_MINUTES:g} minutes of each emotion."
            yield Finding(Level.WARNING, "little-of-emotion", f"{told}{by}; that emotion will be heard faintly.", mend)
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
    """The same sentences again and again."""
    texts = [one.text.spoken for one in recordings if one.text.spoken]
    if texts and len(set(texts)) < _LEAST_DIFFERENT * len(texts):
        told = f"{len(texts)} recordings say {len(set(texts))} different sentences; other words will be spoken badly."
        yield Finding(Level.WARNING, "little-variety", told, "Record other sentences: a book, a newspaper, questions.")


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
