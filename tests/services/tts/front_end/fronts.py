"""Front ends of voices: Piper's layout, Coqui's, and that of a voice of the vocoder, over the same letters."""

from services.tts.front_end import FrontEnd

ENGLISH = "_^$ .,!?;:abdefhijklmnoprstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒθˈˌː"
SYMBOLS = {symbol: [id] for id, symbol in enumerate(ENGLISH)}


def front_end(**changes: object) -> FrontEnd:
    """Return Piper's layout, or another."""
    fields = {"phonemizer": "espeak", "language": "en-us", "symbols": SYMBOLS, "blank": "_", "start": "^", "end": "$"}
    return FrontEnd.model_validate({**fields, **changes})


def plain_front_end(**changes: object) -> FrontEnd:
    """Return one with nothing around and between the symbols."""
    return front_end(**{"blank": None, "start": None, "end": None, **changes})
