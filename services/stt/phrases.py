"""Words to segments, for engines that tell words only: cut at pauses, short enough to be read as subtitles."""

import math
import zlib
from collections.abc import Iterator, Sequence

from services.stt.engine import Segment, Word

PAUSE_SECONDS = 0.4
LONGEST_SECONDS = 10.0
_LEAST_PROBABILITY = 1e-10


def segments_of(words: Sequence[Word], language: str | None, *, word_times: bool) -> list[Segment]:
    """Return the segments that `words` make, joined by spaces; the words themselves only with `word_times`."""
    return [_segment(phrase, language, word_times) for phrase in _phrases(words)]


def compression_ratio(text: str) -> float:
    """Return the length of a text, which has some, over its compressed length."""
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded))


def _phrases(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    phrase: list[Word] = []
    for word in words:
        if phrase and _ends(phrase, word):
            yield tuple(phrase)
            phrase = []
        phrase.append(word)
    if phrase:
        yield tuple(phrase)


def _ends(phrase: Sequence[Word], following: Word) -> bool:
    pause_seconds = following.start_seconds - phrase[-1].end_seconds
    return pause_seconds >= PAUSE_SECONDS or following.end_seconds - phrase[0].start_seconds > LONGEST_SECONDS


def _segment(words: tuple[Word, ...], language: str | None, word_times: bool) -> Segment:
    text = " ".join(word.text for word in words)
    known = [word.probability for word in words if word.probability is not None]
    logarithms = [math.log(max(probability, _LEAST_PROBABILITY)) for probability in known]
    return Segment(
        text,
        words[0].start_seconds,
        words[-1].end_seconds,
        words=words if word_times else (),
        mean_log_probability=sum(logarithms) / len(logarithms) if logarithms else 0.0,
        compression_ratio=compression_ratio(text),
        language=language,
    )
