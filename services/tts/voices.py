"""Which voices there are, under which names they are asked for, and how each speaks an emotion."""

import logging
from collections.abc import Iterable

from services.tts.schemas import StyleSource, Voice
from services.tts.speech import VoiceInfo
from shared.problems import ModelNotFound

OPENAI_VOICES = {
    "alloy": "slt",
    "ash": "rms",
    "ballad": "awb",
    "cedar": "rms",
    "coral": "slt",
    "echo": "rms",
    "fable": "awb",
    "marin": "slt",
    "nova": "slt",
    "onyx": "kal",
    "sage": "slt",
    "shimmer": "slt",
    "verse": "awb",
}
"""OpenAI's voices, so that their clients speak without a change; each means one of ours of that character."""


_log = logging.getLogger(__name__)


class Voices:
    """The voices of all engines at one moment; they never change.

    A name belongs to the first that has it, and OpenAI's are nobody's: a model's voice that takes one is left out, so
    that no model silently speaks in place of a voice that callers know.
    """

    def __init__(self, voices: Iterable[VoiceInfo], default: str) -> None:
        self._by_id: dict[str, VoiceInfo] = {}
        self._default = default
        for voice in voices:
            if voice.id in self._by_id or voice.id in OPENAI_VOICES:
                _log.error("voice left out: its name is taken", extra={"voice": voice.id, "model": voice.model})
            else:
                self._by_id[voice.id] = voice

    def find(self, name: str | None) -> VoiceInfo:
        """Return the voice of that name, the default for None or for an OpenAI voice that is not here.

        Raises ModelNotFound.
        """
        wanted = name or self._default
        meant = (OPENAI_VOICES[wanted], self._default) if wanted in OPENAI_VOICES else (wanted,)
        for id in meant:
            if id in self._by_id:
                return self._by_id[id]
        raise ModelNotFound("No voice of that name. GET /v1/audio/voices lists what there is.", param="voice")

    def speaking(self, language: str, like: VoiceInfo) -> VoiceInfo:
        """Return a voice for `language`, `like` itself if it speaks it, else the best match of its gender and region.

        Raises ModelNotFound if no voice speaks the language.
        """
        wanted = language.lower()
        speakers = [voice for voice in self._by_id.values() if _base(voice.language) == _base(wanted)]
        if like in speakers:
            return like
        if not speakers:
            raise ModelNotFound("No voice speaks that language; GET /v1/audio/voices lists them.", param="language")
        return max(speakers, key=lambda voice: (voice.language.lower() == wanted, voice.gender == like.gender))

    def style_source(self, voice: VoiceInfo, emotion: str) -> StyleSource:
        """Look up (voice, emotion) -> (model, style)."""
        speaking = voice.speaking_in(emotion)
        return StyleSource(model=speaking.model, style=emotion, fallback=emotion not in ("neutral", speaking.emotion))

    def listing(self) -> list[Voice]:
        """Return all voices as the public call shows them."""
        return [
            Voice(
                id=voice.id,
                name=voice.name,
                language=voice.language,
                gender=voice.gender,
                engine=voice.engine,
                sample_rate_hz=voice.sample_rate_hz,
                model=voice.model,
                licence=voice.licence,
                noncommercial=voice.noncommercial,
                consent=voice.consent,
                aliases=[alias for alias, meant in OPENAI_VOICES.items() if meant == voice.id],
                emotions={emotion: self.style_source(voice, emotion) for emotion in voice.emotions},
            )
            for voice in self._by_id.values()
        ]


def _base(language: str) -> str:
    return language.lower().split("-")[0]
