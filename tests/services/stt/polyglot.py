"""An engine that knows two languages, and takes each utterance by itself for one of them."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from services.stt.engine import Abilities, Segment, Wishes
from services.stt.engines.fake import Fake
from shared.audio import Samples
from tests.sounds import RATE_HZ


class Polyglot(Fake):
    """What lasts less than five seconds it takes for German, all else for English."""

    abilities = Abilities(("de", "en"), detects_language=True)
    asked_seconds: ClassVar[list[float]] = []
    """How long the utterances were whose language was asked for."""

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        languages = [wishes.language or _language(samples) for samples in utterances]
        return [[Segment(f"In {language}.", 0, 1, language=language)] for language in languages]

    def language_of(self, utterance: Samples) -> str:
        self.asked_seconds.append(len(utterance) / RATE_HZ)
        return _language(utterance)


def _language(samples: Samples) -> str:
    return "de" if len(samples) < 5 * RATE_HZ else "en"


def utterance_of(seconds: float) -> Samples:
    """Return so much of anything."""
    return np.zeros(round(seconds * RATE_HZ), np.float32)
