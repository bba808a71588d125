"""Which voices there are, under which names they are asked for, and how each speaks an emotion."""

from collections.abc import Mapping, Sequence

from services.tts.schemas import StyleSource, Voice
from services.tts.speech import VoiceInfo
from shared.problems import ModelNotFound

_OPENAI_VOICES = {
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


class Voices:
    """The voices of all engines that were started.

    `trained` names, by (voice, emotion), the models that were trained for an emotion; any other pair falls back to the
    voice's neutral speech, reshaped.
    """

    def __init__(
        self,
        voices: Sequence[VoiceInfo],
        default: str,
        trained: Mapping[tuple[str, str], StyleSource] | None = None,
    ) -> None:
        self._by_id = {voice.id: voice for voice in voices}
        self._default = default
        self._trained = trained or {}

    def find(self, name: str | None) -> VoiceInfo:
        """Return the voice of that name, the default for None or for an OpenAI voice that is not here.

        Raises ModelNotFound.
        """
        wanted = name or self._default
        if wanted in self._by_id:
            return self._by_id[wanted]
        if wanted in _OPENAI_VOICES:
            return self._by_id.get(_OPENAI_VOICES[wanted], self._by_id[self._default])
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
        fallback = StyleSource(model=voice.id, style=emotion, fallback=emotion != "neutral")
        return self._trained.get((voice.id, emotion), fallback)

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
                licence=voice.licence,
                aliases=[alias for alias, meant in _OPENAI_VOICES.items() if meant == voice.id],
                emotions={emotion: self.style_source(voice, emotion) for emotion in voice.emotions},
            )
            for voice in self._by_id.values()
        ]


def _base(language: str) -> str:
    return language.lower().split("-")[0]
