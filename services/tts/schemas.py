"""What the TTS service takes and gives: OpenAI's speech call with Timbre's additions."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.lexicons import LEXICON_NAME, MOST_LEXICONS
from shared.store.manifest import PublicConsent
from shared.text.document import Emotion

ResponseFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm", "ogg_vorbis", "mulaw", "alaw", "json"]
MarkType = Literal["sentence", "word", "ssml", "viseme"]


class VoiceReference(BaseModel):
    """A voice as an object, OpenAI's newer way to name one."""

    id: str


def _id_of(voice: object) -> object:
    return voice.get("id") if isinstance(voice, dict) else voice


VoiceName = Annotated[
    str, Field(min_length=1, max_length=128), BeforeValidator(_id_of, json_schema_input_type=str | VoiceReference)
]


class SpeechRequest(BaseModel):
    """`POST /v1/audio/speech`: OpenAI's members first, then ours. Unknown members are ignored, as OpenAI does, and one
    that is null or empty counts as one that is not there, as in forms."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="ignore")

    input: str = Field(min_length=1, examples=["The train was late. [angry]Again![/angry]"])
    """The text to speak."""
    model: str = Field(default="timbre", min_length=1, max_length=128, examples=["timbre"])
    """`timbre`, or one of OpenAI's names (tts-1, tts-1-hd, gpt-4o-mini-tts), which mean the same here."""
    voice: VoiceName | None = Field(default=None, examples=["slt"])
    """A voice of `GET /v1/audio/voices`, or one of OpenAI's names (alloy, echo, ...)."""
    instructions: str | None = Field(default=None, max_length=4096)
    """An emotion's name in it chooses that emotion; anything else is ignored; X-Timbre-Warning says so."""
    response_format: ResponseFormat = "mp3"
    """Audio format; `json` gives speech marks instead of sound, one JSON object a line."""
    speed: float = Field(default=1.0, ge=0.25, le=4.0, allow_inf_nan=False)
    """Factor on the speaking rate."""
    stream_format: Literal["audio", "sse"] = "audio"
    """`sse` sends server-sent events with base64 audio."""
    text_type: Literal["text", "tagged", "ssml"] = "text"
    """How `input` is read: plain, with [angry]...[/angry] tags, or SSML."""
    emotion: Emotion | None = None
    """Emotion of all that carries no tag of its own."""
    intensity: float = Field(default=1.0, ge=0.01, le=2.0, allow_inf_nan=False)
    """Strength of `emotion`; 1 is as strong as actors speak it."""
    language: str | None = Field(default=None, max_length=35, pattern=r"^[A-Za-z0-9-]+$")
    """Language of the text, for numbers and abbreviations; default: the voice's."""
    sample_rate: int | None = Field(default=None, ge=8000, le=48000)
    """Samples per second of the answer, where the format leaves a choice."""
    lexicons: list[Annotated[str, Field(pattern=f"^{LEXICON_NAME}$")]] = Field(default=[], max_length=MOST_LEXICONS)
    """Lexicons of the caller's key that say how words are spoken; of two that hold a word the first counts."""
    speech_marks: list[MarkType] = Field(default=[], max_length=4)
    """Marks to report, with `response_format` json or `stream_format` sse."""

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_empty(cls, members: Any) -> Any:
        """Settings pages of other programs send every member, those nobody filled in too."""
        if not isinstance(members, dict):
            return members
        return {name: value for name, value in members.items() if value is not None and value != ""}

    @model_validator(mode="after")
    def _marks_need_a_place(self) -> "SpeechRequest":
        if self.speech_marks and self.response_format != "json" and self.stream_format != "sse":
            raise ValueError("speech_marks need response_format json or stream_format sse")
        if self.response_format == "json" and not self.speech_marks:
            raise ValueError("response_format json needs speech_marks")
        if self.response_format == "json" and self.stream_format == "sse":
            raise ValueError("response_format json is itself a stream; use stream_format audio")
        return self


class StyleSource(BaseModel):
    """How a voice speaks one emotion."""

    model: str
    """The model that is used."""
    style: str
    """The style asked of that model."""
    fallback: bool
    """True when the voice has no model trained on this emotion and its neutral speech is reshaped instead."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Voice(BaseModel):
    """One voice of `GET /v1/audio/voices`."""

    id: str
    name: str
    language: str
    gender: Literal["male", "female", "neutral"]
    engine: str
    sample_rate_hz: int
    model: str
    """What speaks: a model with its version, as `alice/3`, or an engine's voice, as `flite/slt`."""
    licence: str
    noncommercial: bool = Field(default=False, exclude_if=lambda noncommercial: not noncommercial)
    """Present and true where the licence allows no commercial use."""
    consent: PublicConsent | None = Field(default=None, exclude_if=lambda consent: consent is None)
    """Of a voice that was trained on a person's recordings."""
    aliases: list[str]
    """Other names it answers to: OpenAI's."""
    emotions: dict[str, StyleSource]

    model_config = ConfigDict(use_attribute_docstrings=True)


class VoiceList(BaseModel):
    """Body of `GET /v1/audio/voices`, in the shape Open WebUI reads."""

    voices: list[Voice]
