"""The child process that listens with Vosk, whose library ends its process where Kaldi does not like something."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import vosk

from shared.child_process import serve

_PIECE_BYTES: Final = 8_000
"""What is heard before Vosk looks again whether a phrase has ended: a quarter of a second at 16 kHz."""
_UNKNOWN: Final = frozenset({"[unk]", "<unk>", "<UNK>"})


def hear(request: dict[str, Any], pcm: bytes) -> tuple[dict[str, Any], bytes]:
    """Answer 16-bit sound with words: text, start and end in seconds, probability."""
    recogniser = vosk.KaldiRecognizer(_model(request["model"]), float(request["sample_rate_hz"]))
    recogniser.SetWords(True)
    return {"words": list(_words(recogniser, pcm))}, b""


@cache
def _model(path: str) -> vosk.Model:
    """Open the model with the first request, whose limits hold for what its files make Kaldi do."""
    return vosk.Model(path)


def _words(recogniser: vosk.KaldiRecognizer, pcm: bytes) -> Iterator[tuple[str, float, float, float]]:
    for start in range(0, len(pcm), _PIECE_BYTES):
        if recogniser.AcceptWaveform(pcm[start : start + _PIECE_BYTES]):
            yield from _said(recogniser.Result())
    yield from _said(recogniser.FinalResult())


def _said(result: str) -> Iterator[tuple[str, float, float, float]]:
    for word in json.loads(result).get("result", ()):
        if word["word"] not in _UNKNOWN:
            yield word["word"], word["start"], word["end"], min(word["conf"], 1.0)


if __name__ == "__main__":
    vosk.SetLogLevel(-1)
    serve(hear, bound_to_thread=False)
