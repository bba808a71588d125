"""A text as a request of the service makes words of it."""

from services.tts.prepare import pieces_of
from services.tts.speech import SpokenWord, VoiceInfo
from services.tts.voices import Voices
from services.tts.wishes import Wishes
from shared.text.parse import parse_text

_VOICE = VoiceInfo("fake", "Fake", "en-us", "neutral", "fake", 16_000, "Apache-2.0")


def words_of_request(text: str) -> tuple[SpokenWord, ...]:
    """Return the words of all sentences."""
    wishes = Wishes(_VOICE, "en-us", "neutral", 1.0, 1.0, None)
    return tuple(
        word.spoken
        for sentence in parse_text(text, "text").sentences
        for piece in pieces_of(sentence, wishes, Voices([_VOICE], "fake"))
        for word in piece.words
    )
