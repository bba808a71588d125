"""What the command line can do with speech in recordings. It returns its exit status, and raises what calls raise."""

import sys
from argparse import Namespace

from client.command import WrongUse
from client.recordings.reports import JsonLines, Report
from client.recordings.sending import Call
from client.recordings.telling import parts_of, tell
from client.timbre import Timbre
from client.transcription.reports import Subtitles, Texts, Words, holds_text

SUBTITLES = ("srt", "vtt")
_LONGEST_SILENCE_SECONDS = 126 * 60
"""A little more than NGINX gives the service: the answer begins when all is written down."""


def transcribe(timbre: Timbre, chosen: Namespace) -> int:
    """Show what is said in each file. Raises WrongUse."""
    call = Call(
        "/v1/audio/transcriptions",
        [*parts_of(chosen, "model", "language"), *_form(chosen)],
        _LONGEST_SILENCE_SECONDS,
    )
    return tell(timbre, call, chosen.files, _report(chosen))


def _form(chosen: Namespace) -> list[tuple[str, str]]:
    """Return what the form says about the answer."""
    if chosen.format in SUBTITLES:
        return [("response_format", chosen.format)]
    granularities = ("segment", "word") if chosen.words else ("segment",)
    return [("response_format", "verbose_json"), *(("timestamp_granularities[]", one) for one in granularities)]


def _report(chosen: Namespace) -> Report:
    if chosen.format in SUBTITLES:
        if chosen.words:
            raise WrongUse("--words goes with text and json")
        if len(chosen.files) > 1:
            raise WrongUse(f"{chosen.format} is made of one file: call this once for each")
        return Subtitles()
    if chosen.format == "json":
        return JsonLines(holds_text)
    return Words(chosen.files, sys.stdout) if chosen.words else Texts(chosen.files)
