"""Which language a text is in: py3langid's 140, as scores."""

import unicodedata
from importlib.metadata import version

from py3langid.langid import MODEL_FILE, LanguageIdentifier


class Identifier:
    """Knows 140 languages, by ISO 639 codes ("zxx": none at all). Thread-safe."""

    model = f"py3langid/{version('py3langid')}"

    def __init__(self) -> None:
        """Load its model; takes about a second."""
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def scores(self, text: str) -> dict[str, float]:
        """Return how likely each language is; they sum to one. Where nothing tells they are all about equal."""
        return dict(self._identifier.rank(unicodedata.normalize("NFKC", text)))
