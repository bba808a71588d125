"""A whole recording, written down."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.stt.engine import Segment, Word
from shared.transcription import WITHOUT_SPACES, Task

SECONDS_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, when, and in which language."""

    segments: Sequence[Segment]
    duration_seconds: float
    """Length of the recording."""
    language: str | None
    """ISO 639-1 code of the text; None where nobody could tell, as where nothing was said."""
    task: Task = "transcribe"

    @property
    def text(self) -> str:
        """All that was said."""
        return joined_text(self.segments)

    @property
    def words(self) -> list[Word]:
        """The words of all segments; none where they were not asked for."""
        return [word for segment in self.segments for word in segment.words]


def joined_text(segments: Sequence[Segment]) -> str:
    """Return the text of all segments."""
    return "".join(added_text(segment, is_first=not number) for number, segment in enumerate(segments))


def added_text(segment: Segment, *, is_first: bool) -> str:
    """Return what a segment adds to the text of those before it."""
    is_parted = not is_first and segment.language not in WITHOUT_SPACES
    return f" {segment.text}" if is_parted else segment.text
