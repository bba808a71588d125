"""Settings of the speaker service."""

from pydantic import Field

from shared.settings import ModelSettings


class SpeakerSettings(ModelSettings):
    """Read from `TIMBRE_<FIELD>`."""

    speaker_engine: str = ""
    """Engine that judges recordings; it must be named. So far `fake`, `fake-slow` and `fake-failing`, for tests."""
    max_file_bytes: int = Field(default=26_214_400, ge=1)
    """Largest recording; 25 MiB as OpenAI's upload limit."""
    max_recording_seconds: float = Field(default=600.0, gt=0)
    """Longest recording."""
    decode_seconds: float = Field(default=20.0, gt=0)
    """Longest time that the decoding of a recording may take."""
    recordings_at_once: int = Field(default=4, ge=1)
    """Recordings that are read and held at once, `max_file_bytes` each; they share the engine's slots."""
    max_body_bytes: int = Field(default=27_262_976, ge=1024)
    """Largest request body; room for `max_file_bytes` and the form around them."""
