"""CMU's PocketSphinx with the English model that its package carries: the engine that needs no download."""

from importlib.metadata import version

from services.stt.engine import Abilities
from services.stt.engines.child_engine import ChildEngine
from services.stt.engines.children import Children, Limits
from shared.store import LocalModel


class PocketSphinx(ChildEngine):
    """An utterance is heard as by a decoder that heard nothing before."""

    needs_model = False
    version = version("pocketsphinx")
    sample_rate_hz = 16_000
    abilities = Abilities(("en",))
    longest_seconds = 40.0

    def __init__(self, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take and ignore what engines with a model need."""
        self._children = Children("services.stt.engines.pocketsphinx_child", Limits())
