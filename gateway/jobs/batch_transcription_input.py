"""What a batch transcription job takes."""

from pydantic import Field

from gateway.locations import Location
from gateway.schemas import Documented
from shared.transcription import MOST_KEYWORDS, Keyword, Language, Prompt, Task, Temperature

MOST_CHILDREN = 100


class TranscriptionOptions(Documented):
    """How recordings are to be written down, within the bounds of the call."""

    task: Task = "transcribe"
    """`translate` is into English, where the model can."""
    language: Language | None = None
    """ISO 639-1 code; null: the model finds out, or has only one."""
    prompt: Prompt = ""
    """Text that came before, or whose spelling and style to follow."""
    temperature: Temperature = 0.0
    keywords: tuple[Keyword, ...] = Field(default=(), max_length=MOST_KEYWORDS)
    """Words that are likelier than usual."""


class BatchTranscriptionInput(TranscriptionOptions):
    """A bucket or folder whose recordings are to be written down, as `timbre batch run` does."""

    url: Location = Field(max_length=2_048, examples=["s3://bucket/prefix"])
    """s3://bucket/prefix, or the absolute path of a folder; one of `TIMBRE_BATCH_LOCATIONS`, or a place inside it."""
    children: int = Field(default=1, ge=1, le=MOST_CHILDREN)
    """Machines that may work on it at once, each with all its cores."""

    @property
    def options(self) -> TranscriptionOptions:
        """How they are to be written down."""
        return TranscriptionOptions(**self.model_dump(include=set(TranscriptionOptions.model_fields)))
