"""What the fake engine makes of a recording without a service round it."""

import numpy as np

from services.stt.engine import Segment, Wishes
from services.stt.engines.fake import Fake
from services.stt.transcriber import Transcriber
from services.stt.transcripts import Transcript
from shared.audio import Sound, resample
from tests.sounds import RATE_HZ


def segments_of(sound: Sound, wishes: Wishes | None = None) -> list[Segment]:
    return list(Transcriber(Fake()).segments([sound], wishes or Wishes()))


def text_of(sound: Sound) -> str:
    return Transcript(segments_of(sound), sound.seconds, None).text


def sped_up(sound: Sound, factor: float) -> Sound:
    """Return the sound higher and shorter, as a tape that runs faster."""
    return Sound(resample(sound.samples, round(RATE_HZ * factor), RATE_HZ), RATE_HZ)


def conversation(speech: Sound, turns: int, pause_seconds: float = 3.0) -> Sound:
    """Return speech again and again, with pauses that are left out."""
    pause = np.zeros(round(pause_seconds * RATE_HZ), np.float32)
    return Sound(np.concatenate([part for _ in range(turns) for part in (speech.samples, pause)]), RATE_HZ)
