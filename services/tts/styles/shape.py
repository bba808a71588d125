"""Change the prosody of a sentence that was already spoken, each word in its own way."""

from collections.abc import Sequence

from services.tts.speech import Speech
from services.tts.styles.change import ProsodyChange
from services.tts.styles.colour import louder, tilted
from services.tts.styles.vocoder import resynthesised


def shape(speech: Speech, changes: Sequence[ProsodyChange]) -> Speech:
    """Apply one change a word (`len(changes) == len(speech.words)`).

    The vocoder costs some of the clearness, so that it only works where time or F0 changes; where nothing changes at
    all, `speech` itself comes back.
    """
    if not len(speech.samples):
        return speech
    if any((change.rate, change.pitch, change.pitch_range) != (1.0, 1.0, 1.0) for change in changes):
        speech = resynthesised(speech, changes)
    if any(change.tilt_db for change in changes):
        speech = tilted(speech, changes)
    if any(change.volume_db for change in changes):
        speech = louder(speech, changes)
    return speech
