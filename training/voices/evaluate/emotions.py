"""How emotions change a way of speaking, in the recordings and in the voice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.tts.styles.measure import Manner
from training.voices.evaluate.figures import Change

_FEWEST_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and how it was said."""

    words: str
    manner: Manner

    @property
    def rate(self) -> float:
        """Letters in a second, pauses left out."""
        return len(self.words) / self.manner.active_seconds


def change(emotional: Sequence[Said], neutral: Sequence[Said]) -> Change:
    """Compare medians: of the sentences that were said both ways, where there are some, else of all."""
    emotional, neutral = _comparable(emotional, neutral)
    return Change(
        f0_semitones=float(12 * np.log2(_median(emotional, "f0_hz") / _median(neutral, "f0_hz"))),
        f0_range_semitones=_median(emotional, "f0_range_semitones") - _median(neutral, "f0_range_semitones"),
        level_db=_median(emotional, "level_db") - _median(neutral, "level_db"),
        rate_ratio=float(np.median([said.rate for said in emotional]) / np.median([said.rate for said in neutral])),
        tilt_db=_median(emotional, "tilt_db") - _median(neutral, "tilt_db"),
    )


def _comparable(emotional: Sequence[Said], neutral: Sequence[Said]) -> tuple[Sequence[Said], Sequence[Said]]:
    both = {said.words for said in emotional} & {said.words for said in neutral}
    if len(both) < _FEWEST_PAIRS:
        return emotional, neutral
    return [said for said in emotional if said.words in both], [said for said in neutral if said.words in both]


def _median(said: Sequence[Said], measure: str) -> float:
    return float(np.median([getattr(each.manner, measure) for each in said]))
