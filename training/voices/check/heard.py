"""What a speech engine hears in recordings, held against their texts."""

import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import jiwer

from services.stt.engine import SpeechEngine, Wishes
from services.stt.transcriber import Transcriber
from services.stt.transcripts import joined_text
from shared.audio.sound import Sound
from shared.problems import Problem
from training.shared.sounds import read_sound
from training.shared.workers import shown
from training.voices.check.measuring import Measured
from training.voices.check.sound import MOST_SECONDS
from training.voices.texts import bare

_LEAST_RATE = 0.5
_OTHERS = 20
_NO_CLOSER = 0.62
"""Of the distance to other texts: PocketSphinx stays below 0.5 with the right text, and above 0.7 with a wrong one."""
_UNLIKE = 0.5
"""How far other texts have to be from a text, for it to be told from them."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one recording."""

    measured: Measured
    text: str
    word_error_rate: float
    is_other: bool
    """Whether what is heard is hardly closer to its own text than to texts of other recordings."""


def heard(some: Sequence[Measured], engine: SpeechEngine, language: str, threads: int) -> list[Heard]:
    """Have an engine write down these recordings, as many at once as there are threads; the worst come first.

    Recordings that the engine fails at are left out.
    """
    with ThreadPoolExecutor(threads) as pool:
        texts = list(shown("Listening", pool.map(partial(_text, engine, Wishes(language=language)), some), len(some)))
    pairs = [(one, text) for one, text in zip(some, texts, strict=True) if text is not None]
    spoken = [_letters(one.text.spoken) for one in some]
    found = [_heard(one, text, spoken) for one, text in pairs]
    return sorted(found, key=lambda each: (each.is_other, each.word_error_rate), reverse=True)


def _text(engine: SpeechEngine, wishes: Wishes, one: Measured) -> str | None:
    samples = read_sound(one.recording.sound, engine.sample_rate_hz, MOST_SECONDS)
    with suppress(Problem):
        segments = list(Transcriber(engine).segments([Sound(samples, engine.sample_rate_hz)], wishes))
        return _letters(joined_text(segments))
    return None


def _heard(one: Measured, text: str, spoken: Sequence[str]) -> Heard:
    own = _letters(one.text.spoken)
    rate = float(jiwer.wer(own, text))
    return Heard(one, text, rate, rate >= _LEAST_RATE and _is_other(own, text, spoken))


def _is_other(own: str, text: str, spoken: Sequence[str]) -> bool:
    """Engines that hear badly still hear something like the text, and less like texts of the same length."""
    if not text:
        return True
    others = sorted((other for other in spoken if other != own), key=lambda other: abs(len(other) - len(own)))[:_OTHERS]
    if not others or statistics.median(_distance(own, other) for other in others) < _UNLIKE:
        return False
    return _distance(own, text) >= _NO_CLOSER * statistics.median(_distance(other, text) for other in others)


def _distance(said: str, text: str) -> float:
    """Return the share of letters that differ."""
    return float(jiwer.cer(said, text))


def _letters(text: str) -> str:
    """Return a text as engines write it that know no punctuation."""
    return bare(text.replace("’", "'"))
