"""Voices that are listened to: those of the TTS service, and trained ones, each as the service speaks it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from services.tts.engines.flite import Flite
from services.tts.front_end import Phonemizer, id_sequences
from services.tts.network import Manner
from services.tts.speaking import spoken
from services.tts.speech import EngineMember, Samples, Speech, SpokenWord, Utterance
from services.tts.styles.change import NO_CHANGE, ProsodyChange, split_change
from services.tts.styles.emotion import emotion_change
from services.tts.styles.loudness import levelled, limited
from services.tts.styles.shape import shape
from shared.audio import resample
from shared.problems import InvalidInput, NotFound
from training.voices.evaluate.speaking import TrainedVoice
from training.voices.facts import NEUTRAL
from training.voices.listener.contours import RATE_HZ

Words = tuple[SpokenWord, ...]


class Voice(Protocol):
    """Speaks a sentence at a time."""

    language: str
    emotions: tuple[str, ...]
    """In which it was trained, beside neutral."""
    changes: tuple[EngineMember, ...]

    async def speak(self, words: Words, change: ProsodyChange, emotion: str) -> Speech:
        """Speak in an emotion of its own, or neutrally, and make of the change what is among `changes`."""


class BuiltIn(Voice):
    """A voice that the service has by itself, which speaks neutrally."""

    emotions = ()

    def __init__(self, engine: Flite, name: str) -> None:
        """Raises NotFound."""
        found = next((voice for voice in engine.voices() if voice.id == name), None)
        if found is None:
            raise NotFound(f"{name} is neither the folder of an export nor a voice of flite.")
        self._engine, self._name = engine, name
        self.language, self.changes = found.language, found.changes

    async def speak(self, words: Words, change: ProsodyChange, emotion: str) -> Speech:
        """Speak neutrally. Raises what the engine raises."""
        manner = (change.rate, change.pitch, change.pitch_range)
        return await self._engine.speak(Utterance(words, self._name, self.language, *manner))


class Exported(Voice):
    """A trained network: the folder of its export."""

    def __init__(self, phonemizer: Phonemizer, folder: Path) -> None:
        """Raises NotFound, InvalidInput, ModelCorrupt."""
        self._voice, self._phonemizer = TrainedVoice(folder), phonemizer
        self.language, self.changes = self._voice.language, self._voice.network.changes
        self._ways = self._voice.facts.emotions if len(self._voice.facts.emotions) > 1 else ()
        if self._ways and NEUTRAL not in self._ways:
            raise InvalidInput("The voice was trained in emotions, and in no neutral speech to compare them with.")
        self.emotions = tuple(emotion for emotion in self._ways if emotion != NEUTRAL)

    async def speak(self, words: Words, change: ProsodyChange, emotion: str) -> Speech:
        """Raise what the phonemizer and the network raise."""
        sounds = await self._phonemizer.sounds(words, self._voice.front_end)
        sequences = id_sequences(self._voice.front_end, words, sounds)
        speaker = self._ways.index(emotion) if self._ways else None
        manner = Manner(speaker, change.rate, change.pitch, change.pitch_range)
        return await asyncio.to_thread(spoken, self._voice.network, sequences, len(words), manner)


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Voice]:
    """Open a voice by its name in the service or by the folder of its export. Raises NotFound, InvalidInput, ..."""
    if Path(name).is_dir():
        phonemizer = Phonemizer()
        try:
            yield Exported(phonemizer, Path(name))
        finally:
            await phonemizer.close()
    else:
        engine = Flite()
        try:
            yield BuiltIn(engine, name)
        finally:
            await engine.close()


async def in_its_own_way(voice: Voice, words: Words, emotion: str) -> Samples:
    """Return what a voice says in an emotion that it was trained in, or neutrally; sound (n,) at `RATE_HZ`."""
    return await _said(voice, words, emotion, NO_CHANGE)


async def styled(voice: Voice, words: Words, emotion: str) -> Samples:
    """Return what the service makes of a voice's neutral speech, where it has nothing better; (n,) at `RATE_HZ`."""
    return await _said(voice, words, NEUTRAL, emotion_change(emotion))


async def _said(voice: Voice, words: Words, emotion: str, change: ProsodyChange) -> Samples:
    own, left = split_change([change] * len(words), voice.changes)
    speech = shape(levelled(await voice.speak(words, own, emotion)), left)
    return resample(limited(speech.samples), speech.sample_rate_hz, RATE_HZ)
