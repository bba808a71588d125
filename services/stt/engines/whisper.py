"""Whisper models in CTranslate2's format, at 8 bits, through faster-whisper."""

import copy
import logging
import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from faster_whisper import WhisperModel
from pydantic import Field

from services.stt.engine import Abilities, Segment, SpeechEngine, Wishes, Word
from services.stt.engines.batches import Batched, run_batched
from shared.audio.sound import Samples
from shared.problems import ModelCorrupt
from shared.store import LocalModel, Parameters

FALLBACK_TEMPERATURES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""What a temperature of 0 means, as OpenAI has it: hotter as long as the text repeats itself or is too improbable."""
MOST_KEYWORD_TOKENS: Final = 111
_NEEDED_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
"""Without the last, faster-whisper would ask a hub for one."""
_NEEDED_TOKENS: Final = ("endoftext", "startoftranscript", "startofprev", "startoflm", "notimestamps")
_TASK_TOKENS: Final = ("transcribe", "translate")


class WhisperParameters(Parameters):
    """The `parameters` of a Whisper model's manifest."""

    beam_size: int = Field(default=5, ge=1, le=10)
    """How many texts are weighed against each other; 1 is the quickest."""
    translates: bool = True
    """False for multilingual models that were not trained to translate, as large-v3-turbo."""


class Whisper(SpeechEngine):
    """Any Whisper, multilingual or English-only, as faster-whisper reads 30 seconds of it, with all its guards: hotter
    tries for text that repeats itself or is improbable, nothing where it hears no speech.

    Utterances know nothing of each other. Above a temperature of 0 it draws, and a second time may give another text.
    """

    needs_model = True
    utterances_at_once = 4

    def __init__(self, model: LocalModel, threads: int) -> None:
        parameters = WhisperParameters.of(model.manifest)
        self._whisper = _opened(model, threads)
        self._end_token = self._token("endoftext")
        self._beam_size = parameters.beam_size
        self.sample_rate_hz = int(self._whisper.feature_extractor.sampling_rate)
        self.longest_seconds = float(self._whisper.feature_extractor.chunk_length)
        multilingual = bool(self._whisper.model.is_multilingual)
        languages = [code for code in self._whisper.supported_languages if self._token(code) is not None]
        self.abilities = Abilities(
            tuple(languages) if multilingual else ("en",),
            detects_language=multilingual,
            translates=multilingual and parameters.translates,
            takes_prompt=True,
            takes_keywords=True,
            takes_temperature=True,
        )

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance, which come out as one by one, only sooner."""
        options = self._options(wishes)
        works = [partial(self._segments, samples, options) for samples in utterances]
        return run_batched(self._whisper.model, works)

    def language_of(self, utterance: Samples) -> str | None:
        """Return what is most likely spoken."""
        language, *_ = self._whisper.detect_language(utterance)
        return str(language)

    def _segments(self, samples: Samples, options: dict[str, Any], model: Batched) -> list[Segment]:
        whisper = copy.copy(self._whisper)
        whisper.model = model
        found, about = whisper.transcribe(samples, **options)
        seconds = len(samples) / self.sample_rate_hz
        language = "en" if options["task"] == "translate" else about.language
        return [_segment(one, language, seconds) for one in found]

    def _options(self, wishes: Wishes) -> dict[str, Any]:
        keywords = self._keywords(wishes.keywords)
        # Both stand before the speech, and the last tokens of what came before are the nearest.
        room = self._whisper.max_length // 2 - 1 - len(self._encoded(keywords))
        return {
            "language": wishes.language,
            "task": wishes.task,
            "beam_size": self._beam_size,
            "temperature": wishes.temperature or FALLBACK_TEMPERATURES,
            "initial_prompt": self._tokens(wishes.prompt)[-room:],
            "hotwords": keywords or None,
            "word_timestamps": wishes.word_times,
            # An utterance's first words would decide how the rest goes wrong.
            "condition_on_previous_text": False,
        }

    def _tokens(self, text: str) -> list[int]:
        """Return the tokens of a caller's text, without those that would give the model orders."""
        return [token for token in self._encoded(text) if token < self._end_token]

    def _keywords(self, keywords: Sequence[str]) -> str:
        """Return the first of the keywords as a text that gives no orders when faster-whisper encodes it.

        Once an order is taken out, what stood round it may be one: `<|trans<|endoftext|>late|>`.
        """
        text = ", ".join(keywords)
        while True:
            text = str(self._whisper.hf_tokenizer.decode(self._tokens(text)[:MOST_KEYWORD_TOKENS]))
            if all(token < self._end_token for token in self._encoded(text)):
                return text

    def _encoded(self, text: str) -> list[int]:
        """Return the tokens of a text as faster-whisper does."""
        if not text.strip():
            return []
        return list(self._whisper.hf_tokenizer.encode(f" {text.strip()}", add_special_tokens=False).ids)

    def _token(self, name: str) -> Any:
        return self._whisper.hf_tokenizer.token_to_id(f"<|{name}|>")


def _opened(model: LocalModel, threads: int) -> WhisperModel:
    """Open a folder's model. Raises ModelCorrupt for one that is damaged, or whose files do not belong together."""
    for name in _NEEDED_FILES:
        model.file(name)
    # It tells at every utterance how long it is.
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    try:
        whisper = WhisperModel(
            str(model.path),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            num_workers=max(1, len(os.sched_getaffinity(0)) // threads),
            local_files_only=True,
        )
    except Exception as error:  # the tokenizer's library raises nothing narrower
        raise ModelCorrupt("The Whisper model's files cannot be read.") from error
    _require_fit(whisper)
    return whisper


def _require_fit(whisper: WhisperModel) -> None:
    """Raise ModelCorrupt for a tokenizer or features of another model."""
    names = [*_NEEDED_TOKENS, *(_TASK_TOKENS if whisper.model.is_multilingual else ())]
    if any(whisper.hf_tokenizer.token_to_id(f"<|{name}|>") is None for name in names):
        raise ModelCorrupt("The Whisper model's tokenizer lacks some of Whisper's own tokens.")
    if len(whisper.feature_extractor.mel_filters) != whisper.model.n_mels:
        raise ModelCorrupt(
            f"The Whisper model takes {whisper.model.n_mels} mel bands; its preprocessor_config.json says otherwise."
        )


def _segment(found: Any, language: str, seconds: float) -> Segment:
    return Segment(
        found.text.strip(),
        min(float(found.start), seconds),
        min(float(found.end), seconds),
        words=tuple(_words(found.words or (), seconds)),
        tokens=tuple(found.tokens),
        temperature=float(found.temperature),
        mean_log_probability=float(found.avg_logprob),
        compression_ratio=float(found.compression_ratio),
        no_speech_probability=float(found.no_speech_prob),
        language=language,
    )


def _words(found: Iterable[Any], seconds: float) -> Iterable[Word]:
    """Return words; what the model puts into the silence that it adds behind an utterance ends with the utterance."""
    for word in found:
        yield Word(
            word.word.strip(), min(float(word.start), seconds), min(float(word.end), seconds), float(word.probability)
        )
