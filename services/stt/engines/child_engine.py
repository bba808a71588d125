"""What engines have in common whose children listen."""

from collections.abc import Sequence

from services.stt.engine import Segment, SpeechEngine, Wishes
from services.stt.engines.children import Children
from services.stt.phrases import segments_of
from shared.audio.sound import Samples


class ChildEngine(SpeechEngine):
    """Writes down words of one language, in one way only."""

    utterances_at_once = 1
    _children: Children

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance, each about a phrase. Raises as `Children.words`."""
        language = self.abilities.languages[0]
        return [
            segments_of(self._children.words(samples), language, word_times=wishes.word_times) for samples in utterances
        ]
