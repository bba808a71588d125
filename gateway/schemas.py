"""What the gateway's own calls take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from shared.lexicons import LEXICON_NAME, MOST_LEXICONS
from shared.store.manifest import PublicConsent
from shared.text.document import Emotion

TextType = Literal["text", "tagged", "ssml"]
AudioFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm", "ogg_vorbis", "mulaw", "alaw"]
Intensity = Annotated[float, Field(strict=True, ge=0.01, le=2.0, allow_inf_nan=False)]
VoiceName = Annotated[str, Field(min_length=1, max_length=128)]

LexiconNames = Annotated[
    list[Annotated[str, Field(pattern=f"^{LEXICON_NAME}$")]],
    Field(max_length=MOST_LEXICONS, exclude_if=lambda lexicons: not lexicons),
]
"""Left out where there are none, so that a job's request reads as one from before there were any."""

SPEECH_MODEL = "timbre"

_MIXED = "What a wonderful morning! [angry]But who took my bicycle?[/angry]"


class Documented(BaseModel):
    """Members' docstrings stand in the OpenAPI document."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="ignore")


class PlanRequest(Documented):
    """A text whose sentences are to be given emotions."""

    text: str = Field(min_length=1, examples=[_MIXED])
    """The text; `TIMBRE_MAX_CHARACTERS` bounds it (200,000 by default)."""
    text_type: TextType = Field(default="text", examples=["tagged"])
    """How `text` is read: plain, with [angry]...[/angry] tags, or SSML."""
    voice: VoiceName | None = Field(default=None, examples=["slt"])
    """A voice of `GET /v1/audio/voices`; default: `TIMBRE_DEFAULT_VOICE`."""
    tagger: StrictBool = True
    """False leaves every sentence without a tag of its own neutral, and needs no sentiment service."""


class PlanSentence(Documented):
    """How one sentence will be spoken."""

    text: str
    """The sentence as written, without markup."""
    emotion: Emotion
    intensity: float
    """1.0 is as strong as actors speak the emotion."""
    score: float | None
    """The tagger's calibrated probability of `emotion`; null where it was not asked."""
    source: Literal["manual", "auto", "default"]
    """Who chose: a tag in the text, the tagger, or nobody (the tagger was not sure, or not asked)."""
    voice: str
    model: str
    """The model that speaks (voice, emotion), and in `style` the style asked of it."""
    style: str
    fallback: bool
    """True where that model was not trained on the emotion and its neutral speech is reshaped instead."""
    ssml: str | None = Field(default=None, exclude_if=lambda ssml: ssml is None)
    """Only for a sentence with markup of its own: that markup. Given back, it is spoken in place of `text`."""
    paragraph_end: bool = Field(default=False, exclude_if=lambda ends: not ends)
    """Only where true: a longer pause follows."""


class Plan(Documented):
    """How a text will be spoken. Change what is wrong and send it to `POST /v1/speech/emotional`."""

    sentences: list[PlanSentence]


class EditedSentence(Documented):
    """A sentence of a plan that comes back. Its other members (score, source, model, ...) are not read."""

    text: str = Field(default="", examples=["But who took my bicycle?"])
    """The sentence; not read where there is `ssml`."""
    ssml: str | None = Field(default=None, min_length=1)
    """Markup to speak in place of `text`, without `<speak>` around it."""
    emotion: Emotion = Field(default="neutral", examples=["surprised"])
    intensity: Intensity = 1.0
    voice: VoiceName | None = None
    """Default: the request's voice."""
    paragraph_end: StrictBool = False


class EmotionalRequest(Documented):
    """A text, or a plan that was looked over, to be spoken with emotion: exactly one of `text` and `sentences`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["sentences"]}]},
        use_attribute_docstrings=True,
        extra="ignore",
    )

    text: str = Field(default="", min_length=1, examples=[_MIXED])
    """The text; `TIMBRE_MAX_CHARACTERS` bounds it (200,000 by default)."""
    text_type: TextType = Field(default="text", examples=["tagged"])
    """How `text` is read: plain, with [angry]...[/angry] tags, or SSML."""
    sentences: list[EditedSentence] = Field(default=[], min_length=1, max_length=10_000)
    """A plan of `POST /v1/speech/plan`, changed or not."""
    voice: VoiceName | None = Field(default=None, examples=["slt"])
    """A voice of `GET /v1/audio/voices`; default: `TIMBRE_DEFAULT_VOICE`."""
    tagger: StrictBool = True
    """False leaves every sentence without a tag of its own neutral, and needs no sentiment service."""
    model: str = Field(default=SPEECH_MODEL, min_length=1, max_length=128)
    """As in `POST /v1/audio/speech`."""
    response_format: AudioFormat = "mp3"
    """Audio format of the answer."""
    speed: float = Field(default=1.0, strict=True, ge=0.25, le=4.0, allow_inf_nan=False)
    """Factor on the speaking rate."""
    lexicons: LexiconNames = []
    """Lexicons of the caller's key that say how words are spoken; of two that hold a word the first counts."""
    stream_format: Literal["audio", "sse"] = "audio"
    """`sse` sends server-sent events with base64 audio."""
    plan: Literal["header", "multipart"] = "header"
    """Where the plan goes: into the header X-Timbre-Plan, or before the audio in a multipart/mixed answer."""

    @model_validator(mode="after")
    def _is_one_of_two(self) -> "EmotionalRequest":
        if len(self.model_fields_set & {"text", "sentences"}) != 1:
            raise ValueError("give either text or sentences")
        return self


class Model(Documented):
    """A model or voice that is served, in OpenAI's shape with our additions."""

    id: str
    object: Literal["model"] = "model"
    created: int
    """Seconds since 1970; 0 where it is not known."""
    owned_by: str
    task: str
    """What it is for, such as `speech` or `text-emotion`."""
    version: str | None = None
    languages: list[str] = []
    """BCP 47; empty where it is not known."""
    licence: str | None = None
    noncommercial: bool = Field(default=False, exclude_if=lambda noncommercial: not noncommercial)
    """Present and true where the licence allows no commercial use."""
    voices: list[str] = Field(default=[], exclude_if=lambda voices: not voices)
    """Of a speech model: the voices it may be asked for, by id; `GET /v1/audio/voices` tells more of them."""
    consent: PublicConsent | None = Field(default=None, exclude_if=lambda consent: consent is None)
    """Of a model that was trained on a person's voice: why it may be used."""


class ModelList(Documented):
    """Body of `GET /v1/models`."""

    object: Literal["list"] = "list"
    data: list[Model]


class AudioModel(Documented):
    """A speech model by name."""

    id: str
    name: str


class AudioModelList(Documented):
    """Body of `GET /v1/audio/models`, in the shape Open WebUI reads."""

    models: list[AudioModel]
