"""Settings of the speaker service."""

from shared.audio.settings import RecordingSettings


class SpeakerSettings(RecordingSettings):
    """Read from `TIMBRE_<FIELD>`."""

    speaker_engine: str = ""
    """Engine that judges recordings; it must be named. So far `fake`, `fake-slow` and `fake-failing`, for tests."""
