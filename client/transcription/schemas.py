"""What the command line reads of a transcription, in OpenAI's shape."""

from pydantic import Field

from gateway.schemas import Documented


class Word(Documented):
    """One word; times are seconds into the recording."""

    word: str
    start: float
    end: float


class Failure(Documented):
    """Why a transcription ended before its time."""

    message: str


class Event(Documented):
    """A step of a transcription that is streamed."""

    type: str
    delta: str = ""
    """Of `transcript.text.delta`: text that was recognised since the last one."""
    error: Failure | None = None
    """Of `error`, the last event of a transcription that failed."""


class Transcription(Documented):
    """What is said in a recording (`verbose_json`)."""

    text: str
    """Empty where nobody speaks."""
    words: list[Word] = Field(default=[])
    """Only where they were asked for."""
