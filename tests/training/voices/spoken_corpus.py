"""A data set to train on, which a voice of the TTS service speaks for the test."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from random import Random

from training.voices.demo.sentences import sentences
from training.voices.demo.teacher import teach


def speak_corpus(folder: Path, minutes: float, seed: int = 1, words: Sequence[str] = ("rain", "bow")) -> Path:
    """Write metadata.csv and wavs/, and return the folder."""
    texts = islice(sentences(Random(seed), words), 10_000)
    asyncio.run(teach(folder, minutes, texts))
    return folder
