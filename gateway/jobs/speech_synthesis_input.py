"""What a speech synthesis job takes."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gateway.locations import Location
from gateway.schemas import AudioFormat, Documented, LexiconNames, TextType, VoiceName
from shared.problems import InvalidInput
from shared.text.document import Emotion

JOB_ID: Final = "{id}"
"""Stands in `output` for the id of the job, which is known only when it is taken."""
OUTPUT_NAME: Final = "job_000000000000000000000000"

MarkType = Literal["sentence", "word", "ssml", "viseme"]


def _names_the_job(output: str) -> str:
    if JOB_ID not in output.rpartition("/")[2]:
        raise InvalidInput(f"The name at the end of the output holds {JOB_ID}.", param="input.output")
    return output


class SpeechSynthesisInput(Documented):
    """A text to be spoken as it is, with no tagger asked; or the marks of its speech."""

    text: str = Field(min_length=1, examples=["The bridge is open again."])
    """The text; `TIMBRE_MAX_CHARACTERS` bounds it (200,000 by default)."""
    text_type: TextType = "text"
    """How `text` is read: plain, with [angry]...[/angry] tags, or SSML."""
    voice: VoiceName | None = None
    """A voice of `GET /v1/audio/voices`; default: `TIMBRE_DEFAULT_VOICE`."""
    emotion: Emotion | None = None
    """Emotion of all that carries no tag of its own."""
    language: str | None = Field(default=None, max_length=35, pattern=r"^[A-Za-z0-9-]+$")
    """Language of the text, for numbers and abbreviations; default: the voice's."""
    response_format: AudioFormat | Literal["json"] = "mp3"
    """Audio format of the result; `json` gives speech marks instead of sound, one JSON object a line."""
    sample_rate: int | None = Field(default=None, ge=8000, le=48000)
    """Samples per second of the result, where the format leaves a choice."""
    speech_marks: list[MarkType] = Field(default=[], max_length=4)
    """Marks to report, with `response_format` json."""
    lexicons: LexiconNames = Field(default=[])
    """Lexicons of the caller's key that say how words are spoken, as they are when it is spoken."""
    output: Annotated[Location, AfterValidator(_names_the_job)] | None = Field(
        default=None, max_length=2_048, examples=["s3://bucket/speech/{id}.mp3"]
    )
    """Where the result is written too, among `TIMBRE_OUTPUT_LOCATIONS`; `{id}` becomes the job's id."""

    @model_validator(mode="after")
    def _marks_need_a_place(self) -> Self:
        if bool(self.speech_marks) != (self.response_format == "json"):
            raise ValueError("speech_marks and response_format json need each other")
        return self
