"""Which recordings a voice is compared with, and how it speaks their texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.stt.engines.pocketsphinx import PocketSphinx
from shared.audio import resample
from shared.problems import InvalidInput
from training.shared.sounds import Damaged, Samples, read_sound
from training.voices.corpus import Recording
from training.voices.evaluate.analysis import RATE_HZ
from training.voices.evaluate.speaking import Sentence, Spoken, TrainedVoice
from training.voices.facts import NEUTRAL

_MOST_SECONDS = PocketSphinx.longest_seconds


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A recording that was not learned from, beside the voice; sounds of shape (n,) at `RATE_HZ`."""

    recording: Recording
    words: str
    real: Samples
    spoken: Samples
    spoken_by_voice: Spoken
    """At the voice's own rate."""

    @property
    def title(self) -> str:
        """What is said, and how."""
        emotion = self.recording.emotion
        return self.words if emotion == NEUTRAL else f"({emotion}) {self.words}"


def held_out(voice: TrainedVoice, recordings: Sequence[Recording], most: int) -> list[Held]:
    """Return at most so many of them, evenly chosen, with their texts spoken by the voice.

    Raises InvalidInput where there are none, and what the voice raises.
    """
    chosen = evenly(recordings, most)
    if not chosen:
        raise InvalidInput("No recordings are held out to judge the voice with; record more sentences.")
    sentences = [Sentence(recording.text, recording.emotion) for recording in chosen]
    return [
        Held(recording, voice.words(recording.text), sound_of(recording), at_common_rate(voice, spoken), spoken)
        for recording, spoken in zip(chosen, voice.speak(sentences), strict=True)
    ]


def evenly(recordings: Iterable[Recording], most: int) -> list[Recording]:
    """Return at most so many, the same at each call; where sentences recur, the same ones of each emotion."""
    ordered = sorted(recordings, key=lambda recording: (recording.text.casefold(), recording.id))
    places = np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int)
    return [ordered[place] for place in places.tolist()]


def sound_of(recording: Recording) -> Samples:
    """Return a recording at `RATE_HZ`. Raises InvalidInput where it cannot be read."""
    try:
        return read_sound(recording.sound, RATE_HZ, _MOST_SECONDS)
    except Damaged as error:
        raise InvalidInput(f"{recording.place or recording.id}: its recording cannot be read.") from error


def at_common_rate(voice: TrainedVoice, spoken: Spoken) -> Samples:
    """Return what the voice said at `RATE_HZ`, no longer than a recording may be."""
    return resample(spoken.samples, voice.sample_rate_hz, RATE_HZ)[: int(_MOST_SECONDS * RATE_HZ)]
