"""What a whole request wants, once its names are checked: the ground that markup changes from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.tts.schemas import SpeechRequest
from services.tts.speech import VoiceInfo
from services.tts.voices import Voices
from shared.lexicons import Lexicon, Pronunciations
from shared.openai_names import SPEECH_MODELS
from shared.problems import ModelNotFound
from shared.text.emotions import EMOTION_NAMES

MODELS = ("timbre", *SPEECH_MODELS)
"""Names that `model` may have."""

_IGNORED = "instructions name no single emotion and are ignored"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Voice, language, emotion and speed of everything that carries no markup of its own."""

    voice: VoiceInfo
    language: str
    emotion: str
    intensity: float
    speed: float
    warning: str | None = None
    """What of the request was ignored."""
    pronunciations: Pronunciations = field(default_factory=Pronunciations)
    """How words are spoken that carry no markup of their own."""


def wishes_of(request: SpeechRequest, voices: Voices, lexicons: Sequence[Lexicon] = ()) -> Wishes:
    """Return what `request` wants, whose lexicons these are.

    Raises ModelNotFound for a model, voice or language that is not here.
    """
    if request.model not in MODELS:
        raise ModelNotFound(f"No such model; there are: {', '.join(MODELS)}.", param="model")
    voice = voices.find(request.voice)
    if request.language:
        voice = voices.speaking(request.language, voice)
    instructed = emotion_in(request.instructions or "")
    return Wishes(
        voice=voice,
        language=request.language or voice.language,
        emotion=request.emotion or instructed or "neutral",
        intensity=request.intensity,
        speed=request.speed,
        pronunciations=Pronunciations(lexicons),
        warning=_IGNORED if request.instructions and not instructed else None,
    )


def emotion_in(instructions: str) -> str | None:
    """Return the one emotion that free instructions name, or None if they name none or several."""
    words = re.findall(r"[a-z]+", instructions.lower())
    named = {EMOTION_NAMES[word] for word in words if word in EMOTION_NAMES}
    return named.pop() if len(named) == 1 else None
