"""The settings of services that take recordings."""

from pydantic import Field

from shared.audio.limits import AudioLimits
from shared.settings import ModelSettings

_MOST_SAMPLES_A_SECOND = 100_000
"""Of all channels together: two channels at 48 kHz."""


class RecordingSettings(ModelSettings):
    """Base of the settings of a service whose callers send it recordings."""

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

    @property
    def recording_limits(self) -> AudioLimits:
        """What a recording may be."""
        return AudioLimits(
            max_bytes=self.max_file_bytes,
            max_seconds=self.max_recording_seconds,
            max_samples=round(self.max_recording_seconds * _MOST_SAMPLES_A_SECOND),
            max_work_seconds=self.decode_seconds,
        )


class ListeningSettings(RecordingSettings):
    """Base of the settings of a service that listens at websockets too."""

    listeners_at_once: int = Field(default=32, ge=1)
    """Websockets that are listened to at once; each needs its share of the engine for as long as it is open."""
    max_listen_seconds: float = Field(default=3_600.0, gt=0)
    """Longest time, and longest sound, of one websocket."""
    listen_wait_seconds: float = Field(default=30.0, gt=0)
    """Longest wait for the next sound of a websocket, after which its client is taken for dead."""
    max_frame_bytes: int = Field(default=262_144, ge=2, le=1_048_576)
    """Largest message of a websocket."""
