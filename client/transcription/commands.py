"""What the command line can do with speech in recordings. It returns its exit status, and raises what calls raise."""

import sys
from argparse import Namespace
from functools import partial

from client.command import WrongUse
from client.recordings.reports import JsonLines, Report
from client.recordings.sending import Call
from client.recordings.telling import parts_of, tell
from client.timbre import Part, Timbre
from client.transcription.following import Followed, follow
from client.transcription.reports import Subtitles, Texts, Words, holds_text

SUBTITLES = ("srt", "vtt")
_LONGEST_SILENCE_SECONDS = 126 * 60
"""A little more than NGINX lets the service be silent: many an answer begins when all is written down."""

_call = partial(Call, "/v1/audio/transcriptions", longest_silence_seconds=_LONGEST_SILENCE_SECONDS)


def transcribe(timbre: Timbre, chosen: Namespace) -> int:
    """Show what is said in each file. Raises WrongUse."""
    call, report = _subtitles(chosen) if chosen.format in SUBTITLES else _texts(chosen)
    return tell(timbre, call, chosen.files, report)


def _subtitles(chosen: Namespace) -> tuple[Call, Report]:
    if chosen.words:
        raise WrongUse("--words goes with text and json")
    if len(chosen.files) > 1:
        raise WrongUse(f"{chosen.format} is made of one file: call this once for each")
    return _call([*_wishes(chosen), ("response_format", chosen.format)]), Subtitles()


def _texts(chosen: Namespace) -> tuple[Call, Report]:
    if chosen.format == "text" and not chosen.words and len(chosen.files) == 1:
        return _call([*_wishes(chosen), ("stream", "true")], read=follow), Followed()
    granularities = ("segment", "word") if chosen.words else ("segment",)
    wanted = [("timestamp_granularities[]", granularity) for granularity in granularities]
    return _call([*_wishes(chosen), ("response_format", "verbose_json"), *wanted]), _report(chosen)


def _report(chosen: Namespace) -> Report:
    if chosen.format == "json":
        return JsonLines(holds_text)
    return Words(chosen.files, sys.stdout) if chosen.words else Texts(chosen.files)


def _wishes(chosen: Namespace) -> list[Part]:
    return parts_of(chosen, "model", "language")
