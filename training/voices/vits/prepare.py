"""Turn recordings into what VITS learns from: `python -m training.voices.vits.prepare DATA OUT`.

Symbols through the TTS service's own front end; sounds at one rate and one loudness, with little silence around them.
Called again, it goes on where it was stopped.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import soundfile

from services.tts.speech import Samples, Speech
from services.tts.styles.loudness import levelled, limited
from training.voices.prepared import Prepared, read_prepared
from training.voices.preparing import MOST_SECONDS, Preparation, Wish, prepare_recordings, run
from training.voices.vits.front_end import front_end_with_blank
from training.voices.vits.settings import HOP_SAMPLES
from training.voices.world.features import trimmed

SOUNDS = "sounds"


def prepare(wish: Wish) -> Prepared:
    """Do all that is not done yet. Raises what `prepare_recordings` raises."""
    prepare_recordings(_PREPARATION, wish)
    return read_prepared(wish.out, Prepared)


def _write(path: Path, samples: Samples, sample_rate_hz: int) -> None:
    """Write sound as loud as the service gives neutral speech, without most of the silence around it."""
    even = limited(levelled(Speech(trimmed(samples, sample_rate_hz), sample_rate_hz, ())).samples)
    soundfile.write(path, even, sample_rate_hz, "PCM_16")


def _fits(ids: Sequence[int], path: Path) -> bool:
    """Whether each symbol can have a frame, and the whole is not too long."""
    heard = soundfile.info(path)
    return bool(len(ids) <= heard.frames // HOP_SAMPLES and heard.duration <= MOST_SECONDS)


_PREPARATION = Preparation(SOUNDS, ".flac", _write, _fits, front_end_with_blank)

if __name__ == "__main__":
    sys.exit(run(prepare, __doc__))
