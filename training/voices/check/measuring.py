"""All recordings of a corpus measured, on all cores."""

from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

from shared.problems import EngineFailed, TooLarge
from training.shared.sounds import Damaged
from training.shared.workers import Workers
from training.voices.check.sound import MOST_SECONDS, Silent, SoundMeasures, measured_sound
from training.voices.check.text import TextMeasures, measured_text
from training.voices.corpus import Recording
from training.voices.table import Fault

_BATCH = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """A recording with what was measured of it."""

    recording: Recording
    text: TextMeasures
    sound: SoundMeasures | None
    """None where nothing can be heard: `fault` says why."""
    fault: Fault | None = None

    @property
    def group(self) -> tuple[str, str]:
        """Speaker and emotion."""
        return self.recording.speaker, self.recording.emotion


def measured(recordings: Sequence[Recording], language: str, workers: Workers) -> list[Measured]:
    """Measure each recording, in their order. Raises EngineFailed where a process ends in the middle of it."""
    try:
        batches = workers.map("Measuring", partial(_measured, language), recordings, _BATCH)
        return [each for batch in batches for each in batch]
    except BrokenProcessPool as error:
        raise EngineFailed("A process that reads recordings has died, perhaps for want of memory.") from error


def _measured(language: str, recordings: Sequence[Recording]) -> list[Measured]:
    return [_one(recording, language) for recording in recordings]


def _one(recording: Recording, language: str) -> Measured:
    text = measured_text(recording.text, language)
    try:
        return Measured(recording, text, measured_sound(recording.sound))
    except TooLarge:
        told = f"It lasts more than {MOST_SECONDS:g} seconds, or has more data than any sentence."
        fault = Fault(recording.place, told, "Cut it at pauses into sentences of 2 to 12 seconds, each with its text.")
    except Silent:
        fault = Fault(recording.place, "Nothing is heard in it.", "Record it again, or remove its line.")
    except Damaged as damaged:
        told = f"It cannot be read: {str(damaged).rpartition(': ')[2].rstrip('.')}."
        fault = Fault(recording.place, told, "Save it again as WAV or FLAC, or remove its line.")
    return Measured(recording, text, None, fault)
