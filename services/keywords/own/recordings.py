"""From a recording to what a word is learned from, or why it is not."""

from services.keywords.engine import KeywordEngine
from services.keywords.own.schemas import Reason
from services.keywords.scanning import LEAST_WORD_SECONDS
from services.keywords.takes import Take, is_silent, take
from shared.audio import AudioLimits, decode
from shared.problems import InvalidInput, TooLarge, UnsupportedMedia

LONGEST_SECONDS = 10.0


def take_of(recording: bytes, limits: AudioLimits, engine: KeywordEngine) -> Take | Reason:
    """Return an audio file as the engine sees it. Blocks. Raises TimedOut."""
    try:
        sound = decode(recording, limits, sample_rate_hz=engine.features.sample_rate_hz)
    except TooLarge:
        return "too_large"
    except (InvalidInput, UnsupportedMedia):
        return "damaged"
    if sound.seconds < LEAST_WORD_SECONDS:
        return "too_short"
    if is_silent(sound.samples):
        return "silent"
    return take(sound.samples, engine)
