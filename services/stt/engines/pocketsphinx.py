"""CMU's PocketSphinx with the English model that its package carries: the engine that needs no download."""

from collections.abc import Sequence
from importlib.metadata import version

from services.stt.engine import Abilities, Segment, SpeechEngine, Wishes
from services.stt.engines.children import Children, Limits
from services.stt.phrases import segments_of
from shared.audio.sound import Samples
from shared.store import LocalModel


class PocketSphinx(SpeechEngine):
    """An utterance is heard as by a decoder that heard nothing before."""

    needs_model = False
    version = version("pocketsphinx")
    sample_rate_hz = 16_000
    abilities = Abilities(("en",))
    longest_seconds = 40.0
    utterances_at_once = 1

    def __init__(self, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take and ignore what engines with a model need."""
        self._children = Children("services.stt.engines.pocketsphinx_child", Limits())

    def transcribe(self, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        """Return the segments of each utterance, each about a phrase. Raises as `Children.words`."""
        return [
            segments_of(self._children.words(samples), "en", word_times=wishes.word_times) for samples in utterances
        ]
