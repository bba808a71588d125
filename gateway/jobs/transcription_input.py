"""What a transcription job takes."""

from typing import Literal

from pydantic import Field, model_validator

from gateway.files.schemas import FILE_ID
from gateway.locations import Location
from gateway.media_addresses import MediaAddress
from gateway.schemas import Documented
from gateway.transcripts.amazon import AmazonJob
from gateway.transcripts.filtering import Method
from shared.transcription import MOST_KEYWORDS, Keyword, Language, Prompt, Temperature

MOST_WORDS = 30_000
SubtitleFormat = Literal["vtt", "srt"]


class WordFilter(Documented):
    """Words that are not to be read, or to be found."""

    words: tuple[Keyword, ...] = Field(min_length=1, max_length=MOST_WORDS)
    """Whole words, or phrases of several, in capitals or not."""
    method: Method = "mask"
    """`mask` writes *** in their place, `remove` leaves them out, `tag` says of each word whether it is one of them."""


class Subtitles(Documented):
    """Subtitles that are wanted beside the transcript."""

    formats: tuple[SubtitleFormat, ...] = Field(min_length=1, max_length=2)
    first_number: Literal[0, 1] = 1
    """Number of the first cue."""


class TranscriptionInput(Documented):
    """One recording to be written down."""

    file: str | None = Field(default=None, pattern=f"^{FILE_ID}$", examples=["file-0123456789abcdef01234567"])
    """A file of `POST /v1/files`; this or `url`."""
    url: MediaAddress | None = Field(default=None, max_length=2_048, examples=["https://example.com/interview.mp3"])
    """https://..., or s3://bucket/key or an absolute path that is among `TIMBRE_MEDIA_LOCATIONS`."""
    media_format: str | None = Field(default=None, max_length=8, examples=["mp3"])
    """What the recording is said to be: mp3, mp4, m4a, wav, flac, ogg, webm or aac; another fails the job."""
    sample_rate_hz: int | None = Field(default=None, ge=1, le=768_000)
    """Sample rate that the recording is said to have; another fails the job."""
    model: str | None = Field(default=None, max_length=129, examples=["pocketsphinx"])
    """The model that listens, with or without its version; default: the service's."""
    language: Language | None = Field(default=None, examples=["en"])
    """What is spoken (ISO 639-1); without it the model finds out, where it knows several."""
    languages: tuple[Language, ...] = Field(default=(), max_length=MOST_KEYWORDS)
    """What may be spoken; one that the model knows must be among them."""
    prompt: Prompt = ""
    """Text that came before, or whose spelling and style to follow, for models that heed it."""
    temperature: Temperature = 0.0
    keywords: tuple[Keyword, ...] = Field(default=(), max_length=MOST_WORDS)
    """Words that are likelier than usual; the first 100 count. A model that does not heed them ignores them, and the
    transcript's `warnings` say so."""
    filter: WordFilter | None = None
    subtitles: Subtitles | None = None
    output: Location | None = Field(default=None, max_length=2_048, examples=["s3://bucket/transcripts/interview.json"])
    """Where the transcript is written too, among `TIMBRE_OUTPUT_LOCATIONS`; its subtitles lie beside it, with
    endings of their own."""
    amazon: AmazonJob | None = None
    """With it the transcript has Amazon Transcribe's form."""

    @model_validator(mode="after")
    def _names_one_recording(self) -> "TranscriptionInput":
        if (self.file is None) == (self.url is None):
            raise ValueError("name one recording, by file or by url")
        return self
