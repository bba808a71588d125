"""Change the prosody of a sentence that was already spoken, each word in its own way."""

from collections.abc import Sequence

from services.tts.speech import Speech
from services.tts.styles.change import ProsodyChange
from services.tts.styles.colour import louder, tilted
from services.tts.styles.vocoder import needs_vocoder, resynthesised


def shape(speech: Speech, changes: Sequence[ProsodyChange]) -> Speech:
    """Apply one change a word (`len(changes) == len(speech.words)`).

    The vocoder costs some of the clearness, so that it only works where it has to; where nothing changes at all,
    `speech` itself comes back.
    """
    if not len(speech.samples):
        return speech
    if any(map(needs_vocoder, changes)):
        speech = resynthesised(speech, changes)
    if any(change.tilt_db for change in changes):
        speech = tilted(speech, changes)
    if any(change.volume_db for change in changes):
        speech = louder(speech, changes)
    return speech
