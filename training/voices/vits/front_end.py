"""The symbols of a VITS voice: those of all voices here, and a blank between them, which VITS aligns better with."""

from services.tts.front_end import FrontEnd
from training.voices.texts import front_end_of

BLANK = "_"


def front_end_with_blank(language: str) -> FrontEnd:
    """Return the front end; `language` is espeak-ng's name of one."""
    plain = front_end_of(language)
    symbols = {**plain.symbols, BLANK: [len(plain.symbols)]}
    return plain.model_copy(update={"symbols": symbols, "blank": BLANK})
