"""A small folder as Speech Commands has them, of tones instead of words, and one as LibriSpeech has them."""

from pathlib import Path

import numpy as np
import soundfile

from tests.training.keywords.prepared import RATE_HZ, TONES_HZ, tone_clip

SPEAKERS = 40
"""So many that some of them stand in every split."""


def write_words(folder: Path, *words: str) -> None:
    """Write a recording of each word by each speaker."""
    rng = np.random.default_rng(0)
    for word in words:
        (folder / word).mkdir(parents=True)
        for speaker in range(SPEAKERS):
            clip = tone_clip(TONES_HZ[word], rng)
            soundfile.write(folder / word / f"{speaker:08x}_nohash_0.wav", clip, RATE_HZ)


def write_noise(folder: Path) -> None:
    """Write one recording of background noise, long enough that each split's part holds a second."""
    (folder / "_background_noise_").mkdir()
    samples = np.random.default_rng(1).normal(0, 0.01, 12 * RATE_HZ)
    soundfile.write(folder / "_background_noise_" / "fan.wav", samples, RATE_HZ)


def write_read_speech(folder: Path) -> None:
    """Write a chapter of some readers, with its transcript."""
    rng = np.random.default_rng(2)
    for reader in range(100, 110):
        chapter = folder / "dev-clean" / str(reader) / "1"
        chapter.mkdir(parents=True)
        samples = rng.normal(0, 0.02, 3 * RATE_HZ)
        soundfile.write(chapter / f"{reader}-1-0000.flac", samples, RATE_HZ)
        (chapter / f"{reader}-1.trans.txt").write_text(f"{reader}-1-0000 CALL ME ISHMAEL\n")
