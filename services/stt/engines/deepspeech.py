"""Mozilla's DeepSpeech 0.9: .tflite acoustic models with or without their .scorer, on today's TFLite interpreter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from services.stt.engine import Abilities, Segment, SpeechEngine, Wishes
from services.stt.engines.deepspeech_alphabet import read_alphabet
from services.stt.engines.deepspeech_decoder import Decoder, LetterDecoder, WordDecoder
from services.stt.engines.deepspeech_network import AcousticModel
from services.stt.engines.deepspeech_scorer import Scorer, read_scorer
from services.stt.engines.deepspeech_words import words_of
from services.stt.phrases import segments_of
from shared.audio.sound import Samples
from shared.problems import ModelCorrupt
from shared.store import LocalModel, Parameters

Weight = Annotated[float, Field(ge=-100, le=100)]


class DeepSpeechParameters(Parameters):
    """The `parameters` of a DeepSpeech model's manifest; the model's own files say what is not given."""

    alpha: Weight | None = None
    """Weight of the language model."""
    beta: Weight | None = None
    """What each word adds."""
    beam_width: Annotated[int, Field(ge=1, le=2000)] | None = None
    """How many texts are weighed against each other."""


class DeepSpeech(SpeechEngine):
    """One language, in letters, without capitals and punctuation.

    The model's folder holds one .tflite file, and one .scorer or none.
    """

    needs_model = True
    longest_seconds = 30.0
    utterances_at_once = 1

    def __init__(self, model: LocalModel, threads: int) -> None:
        """Raises ModelCorrupt."""
        parameters = DeepSpeechParameters.of(model.manifest)
        self._network = AcousticModel(_only(model, ".tflite").read_bytes(), threads)
        self._alphabet = read_alphabet(self._network.alphabet)
        if self._network.outputs != len(self._alphabet) + 1:
            raise ModelCorrupt("The acoustic model's letters are not those of its alphabet.")
        self._decoder = self._opened_decoder(model, parameters)
        self.sample_rate_hz = self._network.sample_rate_hz
        self.abilities = Abilities(
            tuple(model.manifest.languages) or ("en",), takes_keywords=isinstance(self._decoder, WordDecoder)
        )

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance. Blocks; may be called from several threads at once."""
        return [self._segments(samples, wishes) for samples in utterances]

    def _segments(self, samples: Samples, wishes: Wishes) -> list[Segment]:
        decoding = self._decoder.begin(wishes.keywords)
        for probabilities in self._network.probabilities(samples):
            decoding.feed(probabilities)
        labels, scores = decoding.finish()
        words = words_of(labels, scores, self._alphabet, self._network.step_seconds)
        return segments_of(words, self.abilities.languages[0], word_times=wishes.word_times)

    def _opened_decoder(self, model: LocalModel, parameters: DeepSpeechParameters) -> Decoder:
        beam_width = parameters.beam_width or self._network.beam_width
        if not _named(model, ".scorer"):
            return LetterDecoder(len(self._alphabet), beam_width)
        path = _only(model, ".scorer")
        scorer = read_scorer(path, self._alphabet)
        alpha = scorer.alpha if parameters.alpha is None else parameters.alpha
        beta = scorer.beta if parameters.beta is None else parameters.beta
        try:
            return WordDecoder(str(path), Scorer(scorer.words, alpha, beta), self._alphabet, beam_width)
        except (RuntimeError, ValueError) as error:
            raise ModelCorrupt("The scorer's language model cannot be read.") from error


def _named(model: LocalModel, suffix: str) -> list[str]:
    return [name for name in model.manifest.files if name.endswith(suffix)]


def _only(model: LocalModel, suffix: str) -> Path:
    found = _named(model, suffix)
    if len(found) != 1:
        raise ModelCorrupt(f"A DeepSpeech model has one {suffix} file, and this one {len(found)}.")
    return model.file(found[0])
