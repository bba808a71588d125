"""The child process that listens with PocketSphinx, whose package holds Python's lock for as long as it listens."""

import re
from typing import Any

from pocketsphinx import Decoder

from shared.child_process import Handler, serve

_FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")
"""Silence, noise and breath stand among the words like this."""
_PRONUNCIATION = re.compile(r"\(\d+\)$")
"""Behind a word that is said in another way than its first."""


def handler(decoder: Any) -> Handler:
    """Answer 16-bit sound with words: text, start and end in seconds, probability."""
    frame_seconds = 1 / decoder.config["frate"]

    def hear(_: dict[str, Any], pcm: bytes) -> tuple[dict[str, Any], bytes]:
        # The decoder would go on from the mean cepstrum and the noise of the utterances before.
        decoder.reinit_feat()
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        said = decoder.seg() if decoder.hyp() else ()  # without words there are none to ask for
        return {"words": [_word(one, frame_seconds) for one in said if not _FILLER.fullmatch(one.word)]}, b""

    return hear


def _word(said: Any, frame_seconds: float) -> tuple[str, float, float, float]:
    text = _PRONUNCIATION.sub("", said.word)
    probability = min(float(said.prob), 1.0)  # rounding in its logarithms goes a little beyond
    return text, said.start_frame * frame_seconds, (said.end_frame + 1) * frame_seconds, probability


if __name__ == "__main__":
    serve(handler(Decoder(loglevel="FATAL")), bound_to_thread=False)
