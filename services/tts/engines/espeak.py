"""espeak-ng: formant voices for some 130 languages (Debian: libespeak-ng1; GPL-3, kept in a process of its own)."""

import math
from collections.abc import Sequence
from typing import Any

from services.tts.child import ChildPool, Limits
from services.tts.engines.espeak_text import plain, punctuation
from services.tts.engines.phones import espeak_candidates
from services.tts.speech import EngineMember, Speech, SpokenWord, TTSEngine, Utterance, VoiceInfo
from services.tts.timing import silence, speech_of, tightened, word_times
from services.tts.visemes import Sounding, of_ipa
from shared.problems import ModelNotFound

_CHANGES: tuple[EngineMember, ...] = ("rate", "pitch", "pitch_range")
_PREFIX = "espeak-"


class Espeak(TTSEngine):
    """One voice a language, `espeak-<language>`; at most `slots` sentences at once."""

    def __init__(self, slots: int = 1, limits: Limits | None = None) -> None:
        self._pool = ChildPool("services.tts.engines.espeak_child", slots, limits)
        self._voices: dict[str, VoiceInfo] = {}
        self._listed: tuple[VoiceInfo, ...] = ()
        self._identifiers: dict[str, str] = {}

    async def start(self) -> None:
        """Ask the library for its voices, which starts a child."""
        head = (await self._pool.ask({"do": "voices"})).head
        for voice in head["voices"]:
            id = _PREFIX + voice["language"].lower()
            name, language, rate_hz = voice["name"].strip(), voice["language"], head["sample_rate_hz"]
            licence, gender = "GPL-3.0-or-later", voice["gender"]
            info = VoiceInfo(id, name, language, gender, "espeak", rate_hz, licence, _CHANGES, tells_visemes=True)
            self._voices.setdefault(id, info)
            self._identifiers.setdefault(id, voice["identifier"])
        self._listed = tuple(self._voices.values())

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()

    def voices(self) -> Sequence[VoiceInfo]:
        """Return a voice for each language that espeak-ng has."""
        return self._listed

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak at 0.46 to 2.57 times the voice's own speed."""
        voice = self._voices.get(utterance.voice)
        if voice is None:
            raise ModelNotFound(f"espeak has no voice {utterance.voice!r}.", param="voice")
        pieces = [_piece(word) for word in utterance.words]
        if not any(piece["text"] or piece["candidates"] for piece in pieces):
            return silence(len(pieces), voice.sample_rate_hz)
        request = {"do": "speak", "voice": self._identifiers[voice.id], "pieces": pieces}
        reply = await self._pool.ask(request | {"parameters": _parameters(utterance)})
        times = word_times(reply.head["spans"], len(pieces))
        visemes = of_ipa(Sounding(*sound) for sound in reply.head["sounds"])
        return tightened(speech_of(reply.payload, reply.head["sample_rate_hz"], times, visemes))


def _parameters(utterance: Utterance) -> dict[str, int]:
    """Return espeak-ng's own measures of the manner: words a minute, and two of 0 to 100 with 50 for the voice's own.

    50 steps of pitch are an octave of the base; the range goes from none to twice the voice's own, in Hz. Median F0
    follows both, measured on English, German and French: 0.66 of the base's change and 0.115 of the range's.
    """
    pitch_range = min(max(utterance.pitch_range * utterance.pitch, 0), 2)
    base = 1 + (utterance.pitch - 1 - 0.115 * (pitch_range - 1)) / 0.66
    return {
        "rate": round(min(max(175 * utterance.rate, 80), 450)),
        "pitch": round(50 + 50 * math.log2(min(max(base, 0.5), 2))),
        "range": round(50 * pitch_range),
    }


def _piece(word: SpokenWord) -> dict[str, Any]:
    candidates = espeak_candidates(word.ipa) if word.ipa is not None else []
    return {"text": "" if candidates else plain(word.text), "candidates": candidates, "after": punctuation(word.after)}
