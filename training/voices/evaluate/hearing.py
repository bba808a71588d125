"""What the product's own speech to text understands of a voice, and of the recordings."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import jiwer

from services.stt.engine import Wishes
from services.stt.engines.pocketsphinx import PocketSphinx
from shared.audio.sound import Samples
from training.shared.workers import cores
from training.voices.texts import bare

RATE_HZ = PocketSphinx.sample_rate_hz


def understands(language: str) -> bool:
    """Tell whether the engine knows a language, such as "en-us"."""
    return language.split("-")[0].lower() in PocketSphinx.abilities.languages


def word_error_rate(texts: Sequence[str], sounds: Sequence[Samples]) -> float:
    """Return how many words are misheard, of all that are said: of all sentences together.

    `sounds` are at `RATE_HZ`; `texts` are the words as they are spoken, numbers as words.
    """
    engine = PocketSphinx()

    def heard(sound: Samples) -> str:
        (segments,) = engine.transcribe([sound], Wishes())
        return " ".join(segment.text for segment in segments)

    with ThreadPoolExecutor(cores()) as pool:
        understood = list(pool.map(heard, sounds))
    return float(jiwer.wer([bare(text) for text in texts], [bare(text) for text in understood]))
