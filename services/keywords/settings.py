"""Settings of the keywords service."""

from pydantic import Field

from shared.audio.settings import ListeningSettings
from shared.settings import names_in


class KeywordsSettings(ListeningSettings):
    """Read from `TIMBRE_<FIELD>`."""

    keywords_engine: str = "onnx"
    """Engine that hears words: `onnx`, or `fake`, which takes tones for words, for trials without a model."""
    keywords_model: str = "keywords"
    """Name of the model in the store; its pointer says which version is in use."""
    keywords_further_models: str = "digits"
    """More models that calls may name, with commas between them; what the store does not have is left out."""
    keywords_threads: int = Field(default=1, ge=1, le=64)
    """Threads of one piece of work. More slots hear more recordings a second than more threads do."""
    data: str = ".timbre/data"
    """Where words of the callers' own are kept, below `keywords/`: a folder or s3://bucket/prefix."""
    keyword_models_per_key: int = Field(default=10, ge=0)
    """Models of its own that one API key may keep."""
    keywords_per_model: int = Field(default=20, ge=1, le=200)
    """Words that one such model may have."""

    @property
    def model_names(self) -> tuple[str, ...]:
        """The names of all models that are served; the first is the default."""
        return names_in(self.keywords_model, self.keywords_further_models)
