"""Voices that somebody has trained: those of all models in the store for the task, as they come, change and go."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self

from onnxruntime import RunOptions

from services.tts.child import Limits
from services.tts.front_end import IdSequence, Phonemizer, id_sequences
from services.tts.models import VoiceModels
from services.tts.network import Manner, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.settings import TTSSettings
from services.tts.speaking import spoken
from services.tts.speech import Speaks, Speech, TTSEngine, Utterance, VoiceInfo
from services.tts.timing import silence
from services.tts.trained_voices import VoiceModel, voices_of
from shared.metrics import Metrics
from shared.problems import ModelNotFound, TimedOut
from shared.store.manifest import VoiceStyle


class Trained(TTSEngine):
    """A request that has looked up a voice keeps what speaks it: a new version is for the requests after it."""

    def __init__(self, models: VoiceModels, slots: int, limits: Limits) -> None:
        self._models = models
        self._tools = Tools(slots, limits)
        self._seen: tuple[VoiceModel, ...] = ()
        self._voices: tuple[VoiceInfo, ...] = ()

    @classmethod
    def configured(cls, settings: TTSSettings, metrics: Metrics) -> Self:
        """Return the engine for the store that the settings name."""
        limits = Limits(seconds=settings.sentence_timeout_seconds)
        return cls(VoiceModels(settings, metrics), settings.slots, limits)

    async def start(self) -> None:
        """Open all models there are; none is no reason not to start."""
        await self._models.start()

    async def close(self) -> None:
        """Give up all models."""
        await self._models.close()
        await self._tools.close()

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the voices of the models that are open now."""
        if self._models.opened is not self._seen:
            self._seen = self._models.opened
            self._voices = voices_of(self._seen, self._spoken)
        return self._voices

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak in a voice's usual way. Cancelling ends the work."""
        for voice in self.voices():
            if voice.id == utterance.voice and voice.spoken_by:
                return await voice.spoken_by.speak(utterance)
        raise ModelNotFound("No model speaks in a voice of that name.", param="voice")

    def _spoken(self, model: VoiceModel, style: VoiceStyle) -> Speaks:
        return TrainedStyle(model, style.speaker, self._tools)


class Tools:
    """What all voices of an engine share: as many sentences are worked on at once as there are slots."""

    def __init__(self, slots: int, limits: Limits) -> None:
        self.phonemizer = Phonemizer(slots, limits)
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="voice")
        self._slots = asyncio.Semaphore(slots)
        self._limits = limits

    async def spoken(
        self, network: VoiceNetwork, sequences: Sequence[IdSequence], word_count: int, manner: Manner
    ) -> Speech:
        """Speak in a thread when there is a slot for it; who leaves or waits too long ends it. Raises TimedOut.

        Words without a sequence are silent.
        """
        if not sequences:
            return silence(word_count, network.sample_rate_hz)
        options = RunOptions()
        work = partial(spoken, network, sequences, word_count, manner, options)
        async with self._slots:
            try:
                async with asyncio.timeout(self._limits.seconds):
                    return await asyncio.get_running_loop().run_in_executor(self._threads, work)
            except TimeoutError as error:
                detail = f"The voice took longer than {self._limits.seconds:g} s for one sentence."
                raise TimedOut(detail) from error
            finally:
                options.terminate = True

    async def close(self) -> None:
        """End the processes and the threads."""
        await self.phonemizer.close()
        await asyncio.to_thread(self._threads.shutdown)


class Opened(Protocol):
    """A network that can be asked, and how."""

    @property
    def parameters(self) -> VoiceParameters:
        """Of its manifest, or of what stands for one."""

    @property
    def network(self) -> VoiceNetwork:
        """What sounds."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainedStyle(Speaks):
    """One way of speaking of one version of a model."""

    model: Opened
    speaker: int | None
    tools: Tools

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak one sentence; cancelling ends the network's work, within the layer that it is at.

        Raises EngineFailed, TimedOut, and ModelCorrupt for a language that espeak-ng does not have.
        """
        front_end, words = self.model.parameters.front_end, utterance.words
        sequences = id_sequences(front_end, words, await self.tools.phonemizer.sounds(words, front_end))
        manner = Manner(self.speaker, utterance.rate, utterance.pitch, utterance.pitch_range)
        return await self.tools.spoken(self.model.network, sequences, len(words), manner)
