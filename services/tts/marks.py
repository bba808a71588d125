"""Speech marks as Amazon Polly defines them: what is reached when, with byte offsets into the input."""

from dataclasses import dataclass, replace

import orjson

from services.tts.schemas import MarkType


@dataclass(frozen=True, slots=True)
class SpeechMark:
    """One mark. `start` and `end` are byte offsets into the UTF-8 input; of an ssml mark, those of its tag.

    A viseme stands nowhere in the input.
    """

    seconds: float
    type: MarkType
    start: int | None
    end: int | None
    value: str

    def later(self, seconds: float) -> "SpeechMark":
        """Return the same mark, reached `seconds` later."""
        return replace(self, seconds=self.seconds + seconds)

    def line(self) -> bytes:
        """Return the mark as one line of a JSON stream, its time in whole milliseconds."""
        return orjson.dumps(self.members(), option=orjson.OPT_APPEND_NEWLINE)

    def members(self) -> dict[str, object]:
        """Return the members of the line."""
        place = {} if self.start is None else {"start": self.start, "end": self.end}
        return {"time": round(self.seconds * 1000), "type": self.type, **place, "value": self.value}
