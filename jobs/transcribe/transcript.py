"""What is written for each recording, as JSON."""

from pydantic import Field

from gateway.jobs.batch_transcription_input import TranscriptionOptions
from gateway.schemas import Documented
from services.stt.engine import Abilities, Segment, Wishes
from shared.problems import InvalidInput, Json


class Options(TranscriptionOptions):
    """How recordings are to be written down."""

    @property
    def wishes(self) -> Wishes:
        """The same, as engines take them."""
        return Wishes(**self.model_dump(), word_times=True)

    def require_of(self, abilities: Abilities) -> None:
        """Raise InvalidInput for what the model cannot do, before it is asked a thousand times."""
        can = {
            "translate": abilities.translates or self.task == "transcribe",
            "prompt": abilities.takes_prompt or not self.prompt,
            "temperature": abilities.takes_temperature or not self.temperature,
            "keyword": abilities.takes_keywords or not self.keywords,
            "language": not self.language or not abilities.languages or self.language in abilities.languages,
        }
        if missing := [name for name, is_able in can.items() if not is_able]:
            raise InvalidInput(f"This model does not heed: {', '.join(missing)}.")


class Version(Documented):
    """What an output is made of. Two outputs of the same version are the same."""

    key: str
    """The recording's key, without the place that it is in."""
    etag: str
    model: str
    """As `name/version`."""
    options: Options

    def is_of(self, other: "Version") -> bool:
        """Tell whether both are made of the same."""
        return self._made_of() == other._made_of()

    def _made_of(self) -> dict[str, object]:
        return self.model_dump(include=set(Version.model_fields))


class TimedWord(Documented):
    """A word, and when it is said in the recording."""

    text: str
    start_seconds: float
    end_seconds: float
    probability: float | None


class TimedSegment(Documented):
    """A stretch of speech, as subtitles show it."""

    text: str
    start_seconds: float
    end_seconds: float
    words: list[TimedWord] = Field(default=[])

    @classmethod
    def of(cls, segment: Segment) -> "TimedSegment":
        """Return what is told of a segment."""
        words = [
            TimedWord(
                text=word.text,
                start_seconds=round(word.start_seconds, 3),
                end_seconds=round(word.end_seconds, 3),
                probability=word.probability,
            )
            for word in segment.words
        ]
        start_seconds, end_seconds = round(segment.start_seconds, 3), round(segment.end_seconds, 3)
        return cls(text=segment.text, start_seconds=start_seconds, end_seconds=end_seconds, words=words)


class Transcript(Version):
    """What was said in a recording; `text` is empty where nobody speaks."""

    language: str | None
    """ISO 639-1 code of what was heard, where the model says so."""
    duration_seconds: float
    """Of the recording."""
    text: str
    segments: list[TimedSegment]


class Refusal(Version):
    """Why there is no transcript of a recording."""

    problem: dict[str, Json]
    """As a call would answer (RFC 9457)."""
