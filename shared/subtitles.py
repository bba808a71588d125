"""Subtitles in the two forms that players read: SubRip (srt) and WebVTT."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_ARROW = re.compile(r"--+>")
"""What subtitles part their times with."""


class Cue(NamedTuple):
    """A text, and when it is shown; one without text is left out."""

    start_seconds: float
    end_seconds: float
    text: str


def srt(cues: Iterable[Cue], first_number: int = 1) -> str:
    """Return SubRip's form, whose cues are numbered."""
    return "".join(
        f"{number}\n{times}\n{_ARROW.sub('→', line)}\n\n"
        for number, (times, line) in enumerate(_shown(cues, ","), first_number)
    )


def vtt(cues: Iterable[Cue], first_number: int | None = None) -> str:
    """Return WebVTT, whose cues are numbered where a first number is given."""
    shown = enumerate(_shown(cues, "."), first_number or 0)
    heads = (("" if first_number is None else f"{number}\n", times, line) for number, (times, line) in shown)
    return "WEBVTT\n\n" + "".join(f"{head}{times}\n{escape(line, quote=False)}\n\n" for head, times, line in heads)


def _shown(cues: Iterable[Cue], point: str) -> Iterator[tuple[str, str]]:
    """Yield times and line of each cue that has anything to show."""
    for cue in cues:
        if line := _line(cue.text):
            start, end = round(cue.start_seconds * 1000), round(cue.end_seconds * 1000)
            yield f"{_clock(start, point)} --> {_clock(max(end, start + 1), point)}", line


def _line(text: str) -> str:
    """Return a text on one line, as an empty one would end its cue."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _clock(milliseconds: int, point: str) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{point}{milliseconds:03}"
