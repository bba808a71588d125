"""A tone for each word, at once and always the same: for tests and benchmarks, with nothing to install."""

import asyncio
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from services.tts.child import Limits
from services.tts.speech import Samples, Speech, SpokenWord, TTSEngine, Utterance, VoiceInfo, WordTime
from shared.problems import ModelNotFound

_SAMPLE_RATE_HZ = 16_000
_WORD_SECONDS, _LETTER_SECONDS, _GAP_SECONDS = 0.1, 0.03, 0.05


class Fake(TTSEngine):
    """One voice, `fake`, whose words are tones of 150 to 1,650 Hz, chosen by the word."""

    def __init__(self, slots: int = 1, limits: Limits | None = None) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._voices = [VoiceInfo("fake", "Fake", "en-us", "neutral", "fake", _SAMPLE_RATE_HZ, "Apache-2.0")]

    async def start(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the one voice."""
        return self._voices

    async def speak(self, utterance: Utterance) -> Speech:
        """Return tones with 50 ms of silence behind each."""
        if utterance.voice != "fake":
            raise ModelNotFound(f"The fake engine has no voice {utterance.voice!r}.", param="voice")
        async with self._slots:
            gap = np.zeros(round(_GAP_SECONDS * _SAMPLE_RATE_HZ), np.float32)
            pieces: list[Samples] = []
            times, position = [], 0
            for index, word in enumerate(utterance.words):
                pieces += [tone(word, utterance.rate), gap]
                end = position + len(pieces[-2])
                times.append(WordTime(index, position / _SAMPLE_RATE_HZ, end / _SAMPLE_RATE_HZ))
                position = end + len(gap)
            return Speech(np.concatenate(pieces or [gap]), _SAMPLE_RATE_HZ, tuple(times))


def tone(word: SpokenWord, rate: float = 1.0) -> Samples:
    """Return the tone of a word, shape (n,), with slopes of 5 ms."""
    count = round((_WORD_SECONDS + _LETTER_SECONDS * len(word.text)) / rate * _SAMPLE_RATE_HZ)
    seconds = np.arange(count) / _SAMPLE_RATE_HZ
    slope = np.clip(np.minimum(seconds, seconds[::-1]) / 0.005, 0, 1)
    return (0.3 * slope * np.sin(2 * np.pi * tone_hz(word) * seconds)).astype(np.float32)


def tone_hz(word: SpokenWord) -> float:
    """Return the pitch of a word's tone."""
    return 150.0 + crc32((word.ipa or word.text).encode("utf-8", "replace")) % 1_500
