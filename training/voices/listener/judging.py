"""What is heard in a voice, in each of the ways in which it can speak an emotion."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.tts.front_end import spoken_words
from services.tts.speech import Samples
from shared.problems import InvalidInput
from training.shared.workers import shown
from training.voices.facts import NEUTRAL
from training.voices.listener.acted import Heard
from training.voices.listener.classifier import Listener
from training.voices.listener.measures import measures
from training.voices.listener.speaking import Voice, Words, in_its_own_way, opened, styled

PLAIN, STYLED, TRAINED = "plain", "styled", "trained"
WAYS: dict[str, Callable[[Voice, Words, str], Coroutine[Any, Any, Samples]]] = {
    PLAIN: in_its_own_way,
    STYLED: styled,
    TRAINED: in_its_own_way,
}


@dataclass(frozen=True)
class Way:
    """How sentences were spoken: in which way, and meant as which emotion."""

    name: str
    emotion: str


Told = dict[Way, list[str]]
"""What is heard in each sentence."""


async def told_of(name: str, listener: Listener, texts: Sequence[str], emotions: Sequence[str]) -> Told:
    """Have a voice say all texts in all its ways. Raises what the voice raises; InvalidInput where it has no voice."""
    async with opened(name) as voice:
        ways = _ways(voice, emotions)
        utterances = [spoken_words(text, voice.language) for text in texts]
        asked = [(way, words) for way in ways for words in utterances]
        rows = [await _row(voice, way, words) for way, words in shown(f"{name} speaks", iter(asked), len(asked))]
    heard = Heard(np.array(rows), tuple(way.emotion for way, _ in asked), (name,) * len(asked))
    told = listener.told(heard)
    return {way: told[index * len(texts) : (index + 1) * len(texts)] for index, way in enumerate(ways)}


def _ways(voice: Voice, emotions: Sequence[str]) -> list[Way]:
    """Return them, plain speech first."""
    wanted = [emotion for emotion in emotions if emotion != NEUTRAL]
    return [
        Way(PLAIN, NEUTRAL),
        *(Way(STYLED, emotion) for emotion in wanted),
        *(Way(TRAINED, emotion) for emotion in wanted if emotion in voice.emotions),
    ]


async def _row(voice: Voice, way: Way, words: Words) -> list[float]:
    try:
        return list(measures(await WAYS[way.name](voice, words, way.emotion)).values())
    except ValueError as error:
        said = " ".join(word.text for word in words)
        raise InvalidInput(f"The voice speaks '{said}' ({way.emotion}, {way.name}) without a pitch.") from error
