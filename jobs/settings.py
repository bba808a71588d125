"""Settings of the batch workers."""

from pydantic import Field

from gateway.settings import GatewaySettings


class SpeakerWorkerSettings(GatewaySettings):
    """Read from `TIMBRE_<FIELD>`; those of the gateway too, as both see the same service, database and data."""

    speaker_url: str = Field(min_length=1, pattern="^https?://")
    """Base address of the speaker service."""
    speaker_queue: str = Field(min_length=1, pattern="^https?://")
    """Address of the SQS queue that the bucket of `TIMBRE_DATA` tells of recordings."""
    speaker_at_once: int = Field(default=2, ge=1, le=64)
    """Recordings that this worker has predicted at once; as many as all replicas of the service have slots is good."""
    speaker_poll_seconds: int = Field(default=10, ge=1, le=20)
    """How long one call to the queue waits for messages; ending the worker may take as long."""
    speaker_hold_seconds: int = Field(default=60, ge=3, le=43_200)
    """How long a message is hidden from other workers, and again and again while it is worked on. So long after the
    death of a worker another takes its messages."""
