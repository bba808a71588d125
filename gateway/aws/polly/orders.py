"""What Polly's callers want spoken, held against Polly's rules, and as the TTS service is asked for it."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from gateway.aws.faults import Fault
from gateway.aws.polly.languages import base_of
from gateway.aws.polly.voices import PollyVoice, find_voice
from gateway.voices import Voices
from shared.problems import Json

MARKS: Final = "json"
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Format:
    """How one of Polly's formats is asked for here, and at which rates."""

    ours: str
    extension: str
    sample_rates_hz: tuple[int, ...]
    default_rate_hz: int | None = None
    """None: the engine's own."""


_FILE_RATES_HZ: Final = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
_ENGINE_RATES_HZ: Final = {"standard": 22_050}
_OTHER_ENGINES_RATE_HZ: Final = 24_000
FORMATS: Final = {
    "mp3": Format("mp3", "mp3", _FILE_RATES_HZ),
    "ogg_vorbis": Format("ogg_vorbis", "ogg", _FILE_RATES_HZ),
    "ogg_opus": Format("opus", "ogg", (48_000,), 48_000),
    "pcm": Format("pcm", "pcm", (8_000, 16_000), 16_000),
    "mulaw": Format("mulaw", "mulaw", (8_000,), 8_000),
    "alaw": Format("alaw", "alaw", (8_000,), 8_000),
    MARKS: Format("json", "marks", _FILE_RATES_HZ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many characters one request may have. Tags are not billed."""

    total: int
    billed: int


@dataclass(frozen=True, slots=True)
class Order:
    """A request that may be spoken."""

    given: dict[str, Any]
    voice: PollyVoice
    format: Format
    sample_rate_hz: int
    characters: int
    """Those that Polly would bill."""

    @property
    def engine(self) -> str:
        """The engine as Polly's callers know it."""
        return str(self.given.get("Engine") or self.voice.engines[0])

    @property
    def _language(self) -> str:
        """The language as the TTS service knows it, with the region that is wanted."""
        wanted, own = self.given.get("LanguageCode") or self.voice.language_code, self.voice.voice.language
        return wanted if wanted.lower().partition("-")[0] == own.lower().partition("-")[0] else own

    def body(self) -> dict[str, Json]:
        """Return it as the TTS service is asked, but for `input`."""
        rate_hz = None if self.format.ours == MARKS else self.sample_rate_hz
        return {
            "voice": self.voice.voice.id,
            "text_type": self.given.get("TextType", "text"),
            "emotion": self.voice.emotion,
            "language": self._language,
            "response_format": self.format.ours,
            "sample_rate": rate_hz,
            "speech_marks": self.given.get("SpeechMarkTypes", []),
            "lexicons": self.given.get("LexiconNames", []),
        }


def order_of(given: dict[str, Any], voices: Voices, limits: Limits) -> Order:
    """Return what a request wants. Raises Fault, named as Polly does."""
    voice = find_voice(voices, given["VoiceId"])
    _require_engine(given, voice)
    _require_language(given, voice)
    _require_marks(given)
    characters = _characters(given, limits)
    audio_format = FORMATS[given["OutputFormat"]]
    engine = given.get("Engine") or "standard"
    return Order(given, voice, audio_format, _sample_rate_hz(given, audio_format, engine), characters)


def _require_engine(given: dict[str, Any], voice: PollyVoice) -> None:
    if given.get("Engine", voice.engines[0]) not in voice.engines:
        known = ", ".join(voice.engines)
        raise Fault("EngineNotSupportedException", f"This voice is spoken by the engine {known}; leave Engine out.")


def _require_language(given: dict[str, Any], voice: PollyVoice) -> None:
    if base_of(given.get("LanguageCode", voice.language_code)) != base_of(voice.language_code):
        raise Fault("LanguageNotSupportedException", "This voice does not speak that language; choose another voice.")


def _require_marks(given: dict[str, Any]) -> None:
    marks = given.get("SpeechMarkTypes", [])
    if marks and given["OutputFormat"] != MARKS:
        raise Fault("MarksNotSupportedForFormatException", "Speech marks come with the OutputFormat json alone.")
    if not marks and given["OutputFormat"] == MARKS:
        raise Fault("ValidationException", "The OutputFormat json needs SpeechMarkTypes.")
    if "ssml" in marks and given.get("TextType", "text") != "ssml":
        raise Fault("SsmlMarksNotSupportedForTextTypeException", "Marks of SSML need the TextType ssml.")


def _characters(given: dict[str, Any], limits: Limits) -> int:
    text: str = given["Text"]
    is_ssml = given.get("TextType") == "ssml"
    billed = len(unescape(_TAG.sub("", text))) if is_ssml else len(text)
    if len(text) > limits.total or billed > limits.billed:
        raise Fault(
            "TextLengthExceededException",
            f"A text has at most {limits.total} characters, of which {limits.billed} are no tags.",
        )
    return billed


def _sample_rate_hz(given: dict[str, Any], audio_format: Format, engine: str) -> int:
    default_hz = audio_format.default_rate_hz or _ENGINE_RATES_HZ.get(engine, _OTHER_ENGINES_RATE_HZ)
    wanted = given.get("SampleRate", str(default_hz))
    if wanted not in map(str, audio_format.sample_rates_hz):
        allowed = ", ".join(map(str, audio_format.sample_rates_hz))
        raise Fault("InvalidSampleRateException", f"The sample rates of this format are {allowed}.")
    return int(wanted)
