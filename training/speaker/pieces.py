"""Pieces of sound as training sees them: frames, and how likely each of them is speech."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.speaker.features import Frames, VoiceFeatures
from services.stt.vad import FRAME_SAMPLES, Silero
from training.keywords.splits import SPLITS, Split
from training.shared.sounds import Samples
from training.speaker.augment import Variation, mixed, varied
from training.speaker.data.clip import Clip
from training.speaker.made import SAMPLE_RATE_HZ, made_sound

MADE, SEVERAL, VOICE = "made", "several", "voice"
"""Kinds of pieces: no speech, two who speak at once, one who speaks."""

_PIECE_SAMPLES = 4 * SAMPLE_RATE_HZ
"""Of what is made or mixed."""
_MIXTURE_DECIBELS = 6.0
_MADE_SHARE, _MIXTURE_SHARE = 0.1, 0.25
"""How many there are of them, beside the recordings of a version."""
_VALIDATION_NUMBER, _TEST_NUMBER, _NUMBERS = 8, 9, 10


class Voice(NamedTuple):
    """A recording of one person, and what it holds."""

    clip: Clip
    samples: Samples


@dataclass(frozen=True)
class Piece:
    """What is kept of a sound."""

    kind: str
    version: int
    split: str
    clip: Clip | None
    """None where nobody speaks; of a mixture the one of its first voice."""
    frames: Frames
    speech: NDArray[np.float32]
    """[frames]: how likely speech is."""


def pieces(voices: Sequence[Voice], version: int, seed: Sequence[int]) -> Iterator[Piece]:
    """Yield the recordings in one version, 0 being as they are; then mixtures of two of them, and sounds of nobody."""
    rng = np.random.default_rng([*seed, version])
    yield from _alone(voices, version, rng)
    yield from _together(voices, version, rng)
    for number in range(ceil(len(voices) * _MADE_SHARE)):
        frames = VoiceFeatures().frames(made_sound(_PIECE_SAMPLES, rng))
        yield Piece(MADE, version, _split_of(number), None, frames, np.zeros(len(frames), np.float32))


def speech_of(samples: Samples, features: VoiceFeatures) -> NDArray[np.float32]:
    """Return how likely each frame of a clean recording is speech, as Silero hears it: what lies at its middle."""
    frames = 1 + (len(samples) - features.frame_samples) // features.step_samples
    detector = Silero()
    heard = np.concatenate([detector.feed(samples), detector.finish()])
    middles = features.frame_samples // 2 + features.step_samples * np.arange(frames)
    return heard[np.minimum(middles // FRAME_SAMPLES, len(heard) - 1)]


def _alone(voices: Sequence[Voice], version: int, rng: np.random.Generator) -> Iterator[Piece]:
    for voice in voices:
        behind = [other.samples for other in voices if other.clip.split == voice.clip.split]
        yield _piece(VOICE, version, voice.clip, voice.samples, behind, rng)


def _together(voices: Sequence[Voice], version: int, rng: np.random.Generator) -> Iterator[Piece]:
    if not voices:
        return
    for _ in range(int(len(voices) * _MIXTURE_SHARE)):
        one = voices[int(rng.integers(len(voices)))]
        others = [other for other in voices if _may_mix(one.clip, other.clip)]
        if others:
            another = others[int(rng.integers(len(others)))]
            ratio = 10 ** (rng.uniform(-_MIXTURE_DECIBELS, _MIXTURE_DECIBELS) / 20)
            first, second = (np.resize(voice.samples, _PIECE_SAMPLES) for voice in (one, another))
            yield _piece(SEVERAL, version, one.clip, mixed(first, second, ratio), [], rng)


def _may_mix(one: Clip, other: Clip) -> bool:
    """Tell whether two people make a mixture: of one data set, whose sound and licence it then has."""
    return (one.split, one.data_set) == (other.split, other.data_set) and one.speaker != other.speaker


def _piece(
    kind: str, version: int, clip: Clip, samples: Samples, behind: Sequence[Samples], rng: np.random.Generator
) -> Piece:
    features = VoiceFeatures()
    heard = varied(samples, behind, Variation(), rng) if version else samples
    frames = features.frames(heard)
    return Piece(kind, version, clip.split, clip, frames, speech_of(samples, features))


def _split_of(number: int) -> Split:
    train, validation, test = SPLITS
    return {_VALIDATION_NUMBER: validation, _TEST_NUMBER: test}.get(number % _NUMBERS, train)
