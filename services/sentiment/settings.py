"""Settings of the sentiment service."""

from pydantic import Field

from shared.settings import ModelSettings


class SentimentSettings(ModelSettings):
    """Read from `TIMBRE_<FIELD>`."""

    sentiment_engine: str = "onnx"
    """Engine that scores texts: `onnx`, or `fake` for trials without a model."""
    sentiment_model: str = "emotion-minilm"
    """Name of the model in the store; its pointer says which version is in use."""
    sentiment_threads: int = Field(default=1, ge=1, le=64)
    """Threads of one piece of work. More slots give more texts a second than more threads do."""
    requests_at_once: int = Field(default=16, ge=1)
    """Requests that are answered at once; they share the engine's slots piece by piece."""
    max_characters: int = Field(default=200_000, ge=1)
    """Most characters in all texts of one request."""
    max_texts: int = Field(default=256, ge=1)
    """Most texts in one request."""
    max_sentences: int = Field(default=8_000, ge=1)
    """Most sentences in all texts of one request."""
    max_body_bytes: int = Field(default=4_194_304, ge=1024)
    """Largest request body; room for `max_characters`, each escaped in JSON."""
