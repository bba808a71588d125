"""Kaldi models in Vosk's layout, each for one language."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

import vosk

from services.stt.engine import Abilities, Segment, SpeechEngine, Wishes, Word
from services.stt.engines.pcm import pcm16
from services.stt.phrases import segments_of
from shared.audio.sound import Samples
from shared.problems import ModelCorrupt
from shared.store import LocalModel

_PIECE_BYTES: Final = 8_000
"""What is heard before Vosk looks again whether a phrase has ended: a quarter of a second at 16 kHz."""
_NEEDED_FILES: Final = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
_GRAPHS: Final = (
    frozenset({"graph/HCLG.fst"}),
    frozenset({"graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"}),
)
"""What the words are looked for in, whole or in the parts that are joined at run time. Vosk does not ask for them."""
_UNKNOWN: Final = frozenset({"[unk]", "<unk>", "<UNK>"})


class Vosk(SpeechEngine):
    """Each utterance gets a recogniser of its own, so that none has adapted itself to another's voice."""

    needs_model = True
    longest_seconds = 60.0
    utterances_at_once = 1

    def __init__(self, model: LocalModel, threads: int) -> None:
        """Open a model; Kaldi works with one thread an utterance, whatever `threads` says. Raises ModelCorrupt."""
        self.sample_rate_hz = model.manifest.sample_rate_hz or 16_000
        self.abilities = Abilities(tuple(model.manifest.languages) or ("en",))
        self._model = _opened(model)

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance; Vosk has only one way to write them down."""
        language = self.abilities.languages[0]
        return [
            segments_of(list(self._words(samples)), language, word_times=wishes.word_times) for samples in utterances
        ]

    def _words(self, samples: Samples) -> Iterator[Word]:
        recogniser = vosk.KaldiRecognizer(self._model, float(self.sample_rate_hz))
        recogniser.SetWords(True)
        pcm = pcm16(samples)
        for start in range(0, len(pcm), _PIECE_BYTES):
            if recogniser.AcceptWaveform(pcm[start : start + _PIECE_BYTES]):
                yield from _said(recogniser.Result())
        yield from _said(recogniser.FinalResult())


def _opened(model: LocalModel) -> vosk.Model:
    for name in _NEEDED_FILES:
        model.file(name)
    # Without its graph it would open, and the first utterance would end the process.
    if not any(graph <= model.manifest.files.keys() for graph in _GRAPHS):
        raise ModelCorrupt("The Vosk model has no graph/HCLG.fst, nor the parts of one.")
    vosk.SetLogLevel(-1)
    try:
        return vosk.Model(str(model.path))
    except Exception as error:  # the library raises nothing narrower
        raise ModelCorrupt("The Vosk model's files cannot be read.") from error


def _said(result: str) -> Iterator[Word]:
    for word in json.loads(result).get("result", ()):
        if word["word"] not in _UNKNOWN:
            yield Word(word["word"], word["start"], word["end"], min(word["conf"], 1.0))
