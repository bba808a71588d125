"""The document that plain text, tagged text and SSML are parsed into, and that services speak or tag.

A document is flat: sentences of parts, each part carrying all that its surrounding markup said of it.
Offsets are byte offsets into the UTF-8 input, as Amazon Polly's speech marks count them.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

Emotion = Literal["neutral", "angry", "happy", "sad", "fearful", "disgusted", "surprised", "calm", "excited"]
"""The emotion styles that a tag may name and a voice may be asked for."""
EMOTIONS: tuple[str, ...] = get_args(Emotion)


@dataclass(frozen=True, slots=True)
class Prosody:
    """Factors against the voice's own speech; nested prosody multiplies (rate, pitch) or adds (volume)."""

    rate: float = 1.0
    pitch: float = 1.0
    volume_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Effects:
    """`<amazon:effect>`: how the voice itself is changed."""

    whispered: bool = False
    soft: bool = False
    compressed: bool = False
    """Whether what is quiet is brought nearer to what is loud."""
    tract_length: float = 1.0
    """Factor of the length of the vocal tract, from 0.5 to 2."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the markup around a piece of text says of how it is spoken. None: not said, the request decides."""

    emotion: str | None = None
    intensity: float | None = None
    """1.0 is as strong as actors speak the emotion; from 0.01 to 2.0."""
    prosody: Prosody = field(default_factory=Prosody)
    emphasis: Literal["none", "reduced", "moderate", "strong"] | None = None
    effects: Effects = field(default_factory=Effects)
    voice: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SayAs:
    """`<say-as>`: how the text is to be read, e.g. interpret_as="date", format="dmy"."""

    interpret_as: str
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one style.

    `offsets` holds the byte offset in the input of each character of `text` and, last, of the end:
    `len(offsets) == len(text) + 1`.
    """

    text: str
    offsets: tuple[int, ...]
    style: Style = field(default_factory=Style)
    say_as: SayAs | None = None
    alias: str | None = None
    """From `<sub>`: spoken in place of `text`."""
    ipa: str | None = None
    """From `<phoneme>` (x-sampa is converted): the sounds to speak in place of `text`."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Mark:
    """`<mark name>`: reported as an ssml speech mark at the time it is reached. Offsets are those of the tag."""

    name: str
    start: int
    end: int


Part = Run | Pause | Mark


@dataclass(frozen=True, slots=True)
class Sentence:
    """Parts in speaking order. `start` and `end` are byte offsets of the sentence's text in the input."""

    parts: tuple[Part, ...]
    start: int
    end: int
    paragraph_end: bool = False

    @property
    def text(self) -> str:
        """The sentence as written, without markup."""
        return "".join(part.text for part in self.parts if isinstance(part, Run))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole input, ready to be planned or spoken."""

    sentences: tuple[Sentence, ...]
