"""flite: small English voices, fast and clear (Debian: libflite1; licence: BSD-like)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from services.tts.child import ChildPool, Limits
from services.tts.engines.phones import arpabet
from services.tts.speech import EngineMember, Gender, Speech, SpokenWord, TTSEngine, Utterance, VoiceInfo
from services.tts.timing import silence, speech_of, word_times
from services.tts.visemes import of_phones
from shared.problems import ModelNotFound

_VOICES: tuple[tuple[str, str, str, Gender], ...] = (
    ("slt", "SLT", "en-us", "female"),
    ("rms", "RMS", "en-us", "male"),
    ("awb", "AWB (Scottish)", "en-gb", "male"),
    ("kal", "KAL (diphones)", "en-us", "male"),
)
_SAMPLE_RATE_HZ = 16_000
_F0_HZ = {"slt": (172.0, 27.0, 172.0), "awb": (132.0, 25.0, 132.0), "kal": (95.0, 11.0, 87.0)}
"""Mean and deviation that the voices' data name, and the median that is heard; rms' F0 (spam) heeds no wish."""
_SPEAKABLE = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)*")
_PUNCTUATION = str.maketrans({"…": ".", "—": ",", "–": ",", "。": ".", "、": ","})


class Flite(TTSEngine):
    """The four voices; at most `slots` sentences at once."""

    def __init__(self, slots: int = 1, limits: Limits | None = None) -> None:
        self._pool = ChildPool("services.tts.engines.flite_child", slots, limits)
        self._voices = [_info(*voice) for voice in _VOICES]

    async def start(self) -> None:
        """Speak one word, which starts a child."""
        await self.speak(Utterance((SpokenWord("ready"),), "kal", "en-us"))

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the voices of Debian's package."""
        return self._voices

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak in at most 3 times or at least a third of the voice's own speed."""
        if utterance.voice not in {voice[0] for voice in _VOICES}:
            raise ModelNotFound(f"flite has no voice {utterance.voice!r}.", param="voice")
        tokens = [token for index, word in enumerate(utterance.words) for token in _tokens(index, word)]
        if not tokens:
            return silence(len(utterance.words), _SAMPLE_RATE_HZ)
        request = {"voice": utterance.voice, "tokens": tokens, "features": _features(utterance)}
        reply = await self._pool.ask(request)
        times = word_times(reply.head["spans"], len(utterance.words))
        visemes = of_phones((phone, begin) for phone, begin in reply.head["phones"])
        return speech_of(reply.payload, reply.head["sample_rate_hz"], times, visemes)


def _info(id: str, name: str, language: str, gender: Gender) -> VoiceInfo:
    changes: tuple[EngineMember, ...] = ("rate", "pitch", "pitch_range") if id in _F0_HZ else ("rate",)
    licence = "BSD-like (CMU Flite)"
    return VoiceInfo(id, name, language, gender, "flite", _SAMPLE_RATE_HZ, licence, changes, tells_visemes=True)


def _features(utterance: Utterance) -> dict[str, float]:
    """Return what flite is told of the manner. It spreads F0 about the mean, we want it about the median."""
    features = {"duration_stretch": 1 / min(max(utterance.rate, 1 / 3), 3.0)}
    if utterance.voice in _F0_HZ:
        mean_hz, deviation_hz, median_hz = _F0_HZ[utterance.voice]
        centre_hz = median_hz + (mean_hz - median_hz) * utterance.pitch_range
        features["f0_shift"] = utterance.pitch * centre_hz / mean_hz
        features["int_f0_target_stddev"] = utterance.pitch * deviation_hz * utterance.pitch_range
    return features


def _tokens(index: int, word: SpokenWord) -> Iterator[dict[str, Any]]:
    """Yield one token for each spoken word, the punctuation on the last."""
    punctuation = "".join(mark for mark in word.after.translate(_PUNCTUATION) if mark in ".,;:!?")
    if word.ipa is not None:
        yield {"word": index, "text": "x", "punctuation": punctuation, "phones": " ".join(arpabet(word.ipa))}
        return
    texts = _SPEAKABLE.findall(_ascii(word.text))
    for text in texts:
        mark = punctuation if text is texts[-1] else ""
        yield {"word": index, "text": text, "punctuation": mark, "phones": ""}


def _ascii(text: str) -> str:
    """Strip accents and typographic apostrophes; what has no Latin base is left out."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return decomposed.encode("ascii", "ignore").decode()
