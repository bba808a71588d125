"""Written text into spoken words, each with its place in the input."""

from services.tts.normalise.run import normalise
from services.tts.normalise.tokens import Token

__all__ = ["Token", "normalise"]
