"""flite: small English voices, fast and clear (Debian: libflite1; licence: BSD-like)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from services.tts.child import ChildPool, Limits
from services.tts.engines.phones import arpabet
from services.tts.speech import Gender, Speech, SpokenWord, TTSEngine, Utterance, VoiceInfo
from services.tts.timing import silence, speech_of, word_times
from shared.problems import ModelNotFound

_VOICES: tuple[tuple[str, str, str, Gender], ...] = (
    ("slt", "SLT", "en-us", "female"),
    ("rms", "RMS", "en-us", "male"),
    ("awb", "AWB (Scottish)", "en-gb", "male"),
    ("kal", "KAL (diphones)", "en-us", "male"),
)
_SAMPLE_RATE_HZ = 16_000
_SPEAKABLE = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)*")
_PUNCTUATION = str.maketrans({"…": ".", "—": ",", "–": ",", "。": ".", "、": ","})


class Flite(TTSEngine):
    """The four voices; at most `slots` sentences at once."""

    def __init__(self, slots: int = 1, limits: Limits | None = None) -> None:
        self._pool = ChildPool("services.tts.engines.flite_child", slots, limits)

    async def start(self) -> None:
        """Speak one word, which starts a child."""
        await self.speak(Utterance((SpokenWord("ready"),), "kal", "en-us"))

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the voices of Debian's package."""
        return [
            VoiceInfo(id, name, language, gender, "flite", _SAMPLE_RATE_HZ, "BSD-like (CMU Flite)")
            for id, name, language, gender in _VOICES
        ]

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak in at most 3 times or at least a third of the voice's own speed."""
        if utterance.voice not in {voice[0] for voice in _VOICES}:
            raise ModelNotFound(f"flite has no voice {utterance.voice!r}.", param="voice")
        tokens = [token for index, word in enumerate(utterance.words) for token in _tokens(index, word)]
        if not tokens:
            return silence(len(utterance.words), _SAMPLE_RATE_HZ)
        stretch = 1 / min(max(utterance.rate, 1 / 3), 3.0)
        reply = await self._pool.ask({"voice": utterance.voice, "tokens": tokens, "duration_stretch": stretch})
        times = word_times(reply.head["spans"], len(utterance.words))
        return speech_of(reply.payload, reply.head["sample_rate_hz"], times)


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
