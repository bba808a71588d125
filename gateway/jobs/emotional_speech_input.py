"""What an emotional speech job takes."""

from pydantic import Field

from gateway.schemas import AudioFormat, Documented, LexiconNames, TextType, VoiceName


class EmotionalSpeechInput(Documented):
    """A text to be stored, tagged with emotions and spoken; all three are kept."""

    text: str = Field(min_length=1, examples=["What a wonderful morning! But who took my bicycle?"])
    """The text; `TIMBRE_MAX_CHARACTERS` bounds it (200,000 by default)."""
    text_type: TextType = "text"
    """`text` is tagged by the tagger; `tagged` and `ssml` carry emotion tags already and are spoken as they are."""
    voice: VoiceName | None = None
    """A voice of `GET /v1/audio/voices`; default: `TIMBRE_DEFAULT_VOICE`."""
    response_format: AudioFormat = "mp3"
    """Audio format of the result."""
    speed: float = Field(default=1.0, ge=0.25, le=4.0, allow_inf_nan=False)
    """Factor on the speaking rate."""
    lexicons: LexiconNames = Field(default=[])
    """Lexicons of the caller's key that say how words are spoken, as they are when it is spoken."""
