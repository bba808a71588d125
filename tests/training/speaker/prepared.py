"""A small prepared folder, of made voices; what is speech in them is told by their loudness."""

from pathlib import Path

import numpy as np

from services.speaker.features import VoiceFeatures
from tests.training.speaker.made_voices import made_voice
from training.speaker.augment import mixed
from training.speaker.data.clip import Clip
from training.speaker.data.people import group_of
from training.speaker.made import made_sound
from training.speaker.pieces import MADE, SEVERAL, VOICE, Piece
from training.speaker.shards import write_pieces

SPLITS = ("train", "train", "train", "validation", "test")


def write_prepared(folder: Path, speakers: int = 40, clips: int = 2) -> Path:
    """Write as many women as men in two data sets, a mixture and a made sound for each."""
    for number, data_set in enumerate(("one", "two")):
        (folder / f"{number:05d}").mkdir(parents=True)
        rng = np.random.default_rng(number)
        made = [piece for speaker in range(speakers) for piece in _pieces(data_set, speaker, clips, rng)]
        write_pieces(folder / f"{number:05d}", made)
    return folder


def _pieces(data_set: str, speaker: int, clips: int, rng: np.random.Generator) -> list[Piece]:
    gender, age = ("female", "male")[speaker % 2], 20.0 + 60 * rng.random()
    split = SPLITS[speaker // 2 % len(SPLITS)]
    voices = [made_voice(gender, 2.0, rng, 1.2 - age / 200) for _ in range(clips)]
    facts = (gender, group_of(age), age, "", "en", 2.0, "CC0-1.0", split)
    alone = [
        _piece(VOICE, split, voice, Clip(data_set, f"{speaker}-{number}.wav", f"{data_set}{speaker}", *facts))
        for number, voice in enumerate(voices)
    ]
    both = mixed(voices[0], made_voice(("male", "female")[speaker % 2], 2.0, rng), 1.0)
    return [
        *alone,
        _piece(SEVERAL, split, both, Clip(data_set, f"{speaker}-both.wav", f"{data_set}{speaker}", *facts)),
        _piece(MADE, split, made_sound(32_000, rng), None),
    ]


def _piece(kind: str, split: str, samples: np.ndarray, clip: Clip | None) -> Piece:
    frames = VoiceFeatures().frames(samples)
    level = np.sqrt(np.convolve(samples**2, np.ones(1_024) / 1_024, "valid")[::256])
    speech = np.zeros(len(frames)) if kind == MADE else level > 0.02
    return Piece(kind, 0, split, clip, frames, speech.astype(np.float32))
