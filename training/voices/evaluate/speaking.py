"""The exported network, spoken through the TTS service's own front end and engine, as a running service speaks it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import numpy as np

from services.tts.front_end import id_sequences, sounds_of_all
from services.tts.network import NETWORKS, Manner, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speech import Samples, Utterance
from shared.problems import InvalidInput
from shared.store import LocalModel
from shared.store.manifest import FileEntry, Manifest
from shared.store.verify import sha256_of
from training.voices.facts import NETWORK, Facts, read_facts
from training.voices.texts import utterances_of

_PAUSE_SECONDS = 0.2
"""Between the sentences of one recording."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be spoken, and in which emotion."""

    text: str
    emotion: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Sound of shape (n,) at the voice's rate, and what it cost."""

    samples: Samples
    computing_seconds: float


class TrainedVoice:
    """A network's folder, opened as the service opens a model."""

    def __init__(self, folder: Path) -> None:
        """Raise NotFound, InvalidInput, ModelCorrupt."""
        self.facts = read_facts(folder)
        model = LocalModel(folder, _manifest(folder, self.facts))
        self._front_end = VoiceParameters.of(model.manifest).front_end
        self._network = _opened(model)
        self.sample_rate_hz = self._network.sample_rate_hz
        self.language = self.facts.languages[0].lower()

    def words(self, text: str) -> str:
        """Return what is said of a text: numbers and signs as words."""
        return " ".join(word.text for utterance in utterances_of(text, self.language) for word in utterance.words)

    def speak(self, sentences: Sequence[Sentence]) -> Iterator[Spoken]:
        """Yield the sound of each. Raises what the front end and the engine raise."""
        spoken = [list(utterances_of(sentence.text, self.language)) for sentence in sentences]
        flat = [utterance for utterances in spoken for utterance in utterances]
        sounds = iter(sounds_of_all([utterance.words for utterance in flat], self._front_end))
        for sentence, utterances in zip(sentences, spoken, strict=True):
            told = [(utterance, next(sounds)) for utterance in utterances]
            yield self._spoken(told, self._manner(sentence.emotion))

    def _manner(self, emotion: str) -> Manner:
        emotions = self.facts.emotions
        index = emotions.index(emotion) if emotion in emotions else 0
        return Manner(speaker=index if len(emotions) > 1 else None)

    def _spoken(self, told: Sequence[tuple[Utterance, list[str]]], manner: Manner) -> Spoken:
        began = time.process_time()
        parts = [
            self._network.speak(sequence.ids, manner).samples
            for utterance, sounds in told
            for sequence in id_sequences(self._front_end, utterance.words, sounds)
        ]
        seconds = time.process_time() - began
        if not parts:
            raise InvalidInput("There is nothing in a held-out text that the voice could speak.")
        pause = np.zeros(round(_PAUSE_SECONDS * self.sample_rate_hz), np.float32)
        joined = [parts[0], *(piece for _, part in pairwise(parts) for piece in (pause, part))]
        return Spoken(np.concatenate(joined), seconds)


def _opened(model: LocalModel) -> VoiceNetwork:
    if model.manifest.engine not in NETWORKS:
        raise InvalidInput(f"No engine {model.manifest.engine} speaks; there are: {', '.join(NETWORKS)}.")
    module, _, name = NETWORKS[model.manifest.engine].partition(":")
    network: VoiceNetwork = getattr(import_module(module), name)(model, threads=1)
    return network


def _manifest(folder: Path, facts: Facts) -> Manifest:
    path = folder / NETWORK
    if not path.is_file():
        raise InvalidInput(f"There is no {NETWORK} in the folder of the network.")
    return Manifest(
        name="voice",
        version="1",
        task="speech-synthesis",
        engine=facts.engine,
        files={NETWORK: FileEntry(sha256=sha256_of(path), size_bytes=path.stat().st_size)},
        licence="not stated",
        sample_rate_hz=facts.sample_rate_hz,
        languages=facts.languages,
        parameters=facts.parameters,
    )
