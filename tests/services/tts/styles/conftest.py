"""Real speech of every English voice, spoken once."""

import asyncio
from dataclasses import replace

import pytest

from services.tts.engines.espeak import Espeak
from services.tts.engines.flite import Flite
from services.tts.speech import Speech, SpokenWord, TTSEngine, Utterance
from services.tts.styles.change import split_change
from services.tts.styles.emotion import emotion_change
from services.tts.styles.loudness import levelled, limited
from services.tts.styles.shape import shape

SENTENCES = (
    "The old man walked slowly to the river because nobody had told him",
    "We are moving the meeting to Monday morning and everybody knows why",
)


def words(text: str) -> tuple[SpokenWord, ...]:
    return tuple(SpokenWord(word) for word in text.split())


@pytest.fixture(scope="session")
def styled() -> dict[tuple[str, str], list[Speech]]:
    """(Voice, emotion) -> a sentence as it leaves the service, neutral among them."""

    async def speak(engine: TTSEngine, voices: list[str]) -> dict[tuple[str, str], list[Speech]]:
        await engine.start()
        try:
            return {
                (voice, emotion): [await speak_styled(engine, voice, text, emotion) for text in SENTENCES]
                for voice in voices
                for emotion in ("neutral", "angry", "sad")
            }
        finally:
            await engine.close()

    flite = asyncio.run(speak(Flite(), ["slt", "rms", "awb", "kal"]))
    return flite | asyncio.run(speak(Espeak(), ["espeak-en-us"]))


async def speak_styled(engine: TTSEngine, voice: str, text: str, emotion: str) -> Speech:
    spoken = words(text)
    own = next(info.changes for info in engine.voices() if info.id == voice)
    common, changes = split_change([emotion_change(emotion)] * len(spoken), own)
    utterance = Utterance(spoken, voice, "en-us", common.rate, common.pitch, common.pitch_range)
    speech = shape(levelled(await engine.speak(utterance)), changes)
    return replace(speech, samples=limited(speech.samples))


@pytest.fixture(scope="session")
def neutral() -> dict[str, list[Speech]]:
    """Voice -> the sentences as they leave the engine, levelled."""

    async def speak(engine: TTSEngine, voices: list[str]) -> dict[str, list[Speech]]:
        await engine.start()
        try:
            return {
                voice: [levelled(await engine.speak(Utterance(words(text), voice, "en-us"))) for text in SENTENCES]
                for voice in voices
            }
        finally:
            await engine.close()

    flite = asyncio.run(speak(Flite(), ["slt", "rms", "awb", "kal"]))
    return flite | asyncio.run(speak(Espeak(), ["espeak-en-us"]))
