"""Speech marks as Amazon Polly defines them: what is reached when, with byte offsets into the input."""

from dataclasses import dataclass, replace

import orjson

from services.tts.schemas import MarkType


@dataclass(frozen=True, slots=True)
class SpeechMark:
    """One mark. `start` and `end` are byte offsets into the UTF-8 input; of an ssml mark, those of its tag."""

    seconds: float
    type: MarkType
    start: int
    end: int
    value: str

    def later(self, seconds: float) -> "SpeechMark":
        """Return the same mark, reached `seconds` later."""
        return replace(self, seconds=self.seconds + seconds)

    def line(self) -> bytes:
        """Return the mark as one line of a JSON stream, its time in whole milliseconds."""
        return orjson.dumps(self.members(), option=orjson.OPT_APPEND_NEWLINE)

    def members(self) -> dict[str, object]:
        """Return the members of the line."""
        milliseconds = round(self.seconds * 1000)
        return {"time": milliseconds, "type": self.type, "start": self.start, "end": self.end, "value": self.value}
