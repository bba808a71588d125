"""What an engine that writes down speech is: utterances in, segments with their times out."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.audio.sound import Samples
from shared.transcription import Task

ENGINES = {
    "pocketsphinx": "services.stt.engines.pocketsphinx:PocketSphinx",
    "whisper": "services.stt.engines.whisper:Whisper",
    "deepspeech": "services.stt.engines.deepspeech:DeepSpeech",
    "vosk": "services.stt.engines.vosk:Vosk",
    "fake": "services.stt.engines.fake:Fake",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and when it was said."""

    text: str
    start_seconds: float
    end_seconds: float
    probability: float | None = None
    """How sure the engine is, 0 to 1; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech, as subtitles show it. What an engine does not know stays at its default."""

    text: str
    start_seconds: float
    end_seconds: float
    words: tuple[Word, ...] = ()
    """Filled where the wishes ask for it and the engine can."""
    tokens: tuple[int, ...] = ()
    temperature: float = 0.0
    mean_log_probability: float = 0.0
    """Mean natural logarithm of the tokens' (or words') probabilities."""
    compression_ratio: float = 1.0
    """Length of the text over its compressed length: above about 2.4 it repeats itself."""
    no_speech_probability: float = 0.0
    language: str | None = None
    """ISO 639-1 code of the text: of a translation `en`, whatever was spoken."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an utterance is to be written down."""

    task: Task = "transcribe"
    language: str | None = None
    """ISO 639-1 code; None: the engine finds out, or has only one."""
    prompt: str = ""
    """Text that came before, or whose spelling and style to follow."""
    temperature: float = 0.0
    keywords: tuple[str, ...] = ()
    """Words that are likelier than usual."""
    word_times: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an engine can do beyond writing down speech; wishes for more are refused before it is asked."""

    languages: tuple[str, ...] = ("en",)
    """ISO 639-1 codes; empty: any."""
    detects_language: bool = False
    """Of several."""
    translates: bool = False
    """Into English."""
    takes_prompt: bool = False
    takes_keywords: bool = False
    takes_temperature: bool = False


class SpeechEngine(Protocol):
    """Writes down speech. Stateless between calls: neither order nor company changes an utterance's text.

    Called from several threads at once.
    """

    sample_rate_hz: int
    abilities: Abilities
    longest_seconds: float
    """Longest utterance that it takes."""
    utterances_at_once: int
    """How many utterances of a long recording it works on together: 1 where it gains nothing by more."""

    @abstractmethod
    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance, in order, their times counted from its start; none where it hears
        nothing. Utterances are float32 (n,) at `sample_rate_hz`, at most `utterances_at_once`. Blocks."""

    def language_of(self, utterance: Samples) -> str | None:
        """Return the ISO 639-1 code of what is spoken, where the engine detects it. Blocks."""
        return None
