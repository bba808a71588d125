"""An engine without a model: it makes words of notes. For tests, and for trials of everything around it."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from services.stt.engine import Abilities, Segment, SpeechEngine, Wishes, Word
from shared.audio.sound import Samples
from shared.store import LocalModel

WORDS: Final = (
    *("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima"),
    *("mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey"),
    *("xray", "yankee", "zulu"),
)
"""The words of the notes from 80 to 4,000 Hz, each about four semitones of the scale."""
WORD_SECONDS: Final = 0.5
_SEGMENT_WORDS = 8
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 4_000.0
_LEAST_LEVEL = 1e-3
_PROBABILITY = 0.9


class Fake(SpeechEngine):
    """Hears in each half second that is not silent the word of its loudest note; eight words are a segment."""

    needs_model = False
    version = "1"
    sample_rate_hz = 16_000
    abilities = Abilities((), translates=True, takes_prompt=True, takes_keywords=True, takes_temperature=True)
    longest_seconds = 30.0
    utterances_at_once = 4

    def __init__(self, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take and ignore what engines with a model need."""

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the words of each utterance; those of a translation are in capitals."""
        return [list(self._segments(samples, wishes)) for samples in utterances]

    def _segments(self, samples: Samples, wishes: Wishes) -> Iterator[Segment]:
        words = list(self._words(samples, wishes))
        for start in range(0, len(words), _SEGMENT_WORDS):
            some = tuple(words[start : start + _SEGMENT_WORDS])
            yield Segment(
                " ".join(word.text for word in some),
                some[0].start_seconds,
                some[-1].end_seconds,
                words=some if wishes.word_times else (),
                tokens=tuple(WORDS.index(word.text.lower()) for word in some),
                temperature=wishes.temperature,
                mean_log_probability=float(np.log(_PROBABILITY)),
                language=wishes.language or "en",
            )

    def _words(self, samples: Samples, wishes: Wishes) -> Iterator[Word]:
        length = round(WORD_SECONDS * self.sample_rate_hz)
        for start in range(0, len(samples), length):
            part = samples[start : start + length]
            if float(np.abs(part).max()) >= _LEAST_LEVEL:
                text = self._word(part).upper() if wishes.task == "translate" else self._word(part)
                end_seconds = (start + len(part)) / self.sample_rate_hz
                yield Word(text, start / self.sample_rate_hz, end_seconds, _PROBABILITY)

    def _word(self, samples: Samples) -> str:
        hz = float(np.abs(np.fft.rfft(samples)).argmax()) * self.sample_rate_hz / len(samples)
        place = np.log(np.clip(hz, _LOWEST_HZ, _HIGHEST_HZ) / _LOWEST_HZ) / np.log(_HIGHEST_HZ / _LOWEST_HZ)
        return WORDS[min(int(place * len(WORDS)), len(WORDS) - 1)]
