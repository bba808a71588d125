"""The exported network, spoken through the TTS service's own front end and engine, as a running service speaks it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.tts.front_end import id_sequences, sounds_of_all, spoken_words
from services.tts.network import NETWORKS, TASK, Manner, VoiceNetwork
from services.tts.parameters import VoiceParameters
from services.tts.speech import Samples, SpokenWord
from shared.engines import find_engine
from shared.problems import InvalidInput
from shared.store import LocalModel
from shared.store.manifest import FileEntry, Manifest
from shared.store.verify import sha256_of
from shared.text.parse import parse_text
from shared.text.pauses import pause_after
from training.voices.facts import NETWORK, Facts, read_facts

Words = tuple[SpokenWord, ...]


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
        self.front_end = VoiceParameters.of(model.manifest).front_end
        self.network = _opened(model)
        self.sample_rate_hz = self.network.sample_rate_hz
        self.language = self.facts.languages[0].lower()

    def words(self, text: str) -> str:
        """Return what is said of a text: numbers and signs as words."""
        return " ".join(word.text for words in self._utterances(text) for word in words)

    def speak(self, sentences: Sequence[Sentence]) -> Iterator[Spoken]:
        """Yield the sound of each. Raises what the front end and the engine raise."""
        asked = [self._utterances(sentence.text) for sentence in sentences]
        sounds = iter(sounds_of_all([words for utterances in asked for words in utterances], self.front_end))
        for sentence, utterances in zip(sentences, asked, strict=True):
            told = [(words, next(sounds)) for words in utterances]
            yield self._spoken(told, self._manner(sentence.emotion))

    def _utterances(self, text: str) -> list[Words]:
        """Return the words of each sentence of a text, which the service speaks one after the other."""
        sentences = parse_text(text, "text", language=self.language).sentences
        return [words for sentence in sentences if (words := spoken_words(sentence.text, self.language))]

    def _manner(self, emotion: str) -> Manner:
        emotions = self.facts.emotions
        index = emotions.index(emotion) if emotion in emotions else 0
        return Manner(speaker=index if len(emotions) > 1 else None)

    def _spoken(self, told: Sequence[tuple[Words, list[str]]], manner: Manner) -> Spoken:
        began = time.process_time()
        parts = [
            self.network.speak(sequence.ids, manner).samples
            for words, sounds in told
            for sequence in id_sequences(self.front_end, words, sounds)
        ]
        seconds = time.process_time() - began
        if not parts:
            raise InvalidInput("There is nothing in a held-out text that the voice could speak.")
        pause = np.zeros(round(pause_after(paragraph_end=False, is_last=False) * self.sample_rate_hz), np.float32)
        joined = [parts[0], *(each for part in parts[1:] for each in (pause, part))]
        return Spoken(np.concatenate(joined), seconds)


def _opened(model: LocalModel) -> VoiceNetwork:
    try:
        kind: Any = find_engine(NETWORKS, model.manifest.engine)
    except LookupError as error:
        told = f"No engine {model.manifest.engine} speaks; there are: {', '.join(NETWORKS)}."
        raise InvalidInput(told) from error
    network: VoiceNetwork = kind(model=model, threads=1)
    return network


def _manifest(folder: Path, facts: Facts) -> Manifest:
    path = folder / NETWORK
    if not path.is_file():
        raise InvalidInput(f"There is no {NETWORK} in the folder of the network.")
    return Manifest(
        name="voice",
        version="1",
        task=TASK,
        engine=facts.engine,
        files={NETWORK: FileEntry(sha256=sha256_of(path), size_bytes=path.stat().st_size)},
        licence="not stated",
        sample_rate_hz=facts.sample_rate_hz,
        languages=facts.languages,
        parameters=facts.parameters,
    )
