"""Settings of the worker that does the jobs."""

import socket

from pydantic import Field

from gateway.settings import GatewaySettings


class WorkerSettings(GatewaySettings):
    """Read from `TIMBRE_<FIELD>`; those of the gateway too, as both see the same services, database and data."""

    worker_id: str = Field(default="", max_length=128)
    """Name of this worker: the same after a restart, another for each worker. Empty: the host's name."""
    jobs_at_once: int = Field(default=4, ge=1, le=64)
    """Jobs that this worker does at once."""
    parts_at_once: int = Field(default=2, ge=1, le=64)
    """Parts of one job that are spoken at once; as many as all replicas of the TTS service have slots is good."""
    transcriptions_at_once: int = Field(default=2, ge=1, le=64)
    """Recordings that this worker has written down at once, beside its other jobs; as many as all replicas of the
    speech-to-text service have slots is good."""
    media_bytes: int = Field(default=104_857_600, ge=1)
    """Largest recording that a job of this worker writes down: in pieces of ten minutes where it is larger than
    `TIMBRE_MAX_BODY_BYTES`, what the service takes at once. It is held in memory, twice while it is decoded."""
    transcription_seconds: float = Field(default=7_200.0, gt=0)
    """Longest wait for the text of one recording."""
    speaker_queue_seconds: float = Field(default=3_600.0, gt=0)
    """Longest wait for the outcome of a recording that went through `TIMBRE_SPEAKER_QUEUE`."""
    webhooks_inside: bool = False
    """Whether webhooks may go to private addresses; leave it off where those who have keys are not your own people."""
    beat_seconds: float = Field(default=2.0, gt=0)
    """How often this worker says that it lives."""
    lease_seconds: float = Field(default=10.0, gt=0)
    """How long another worker may be silent before its jobs are taken over; several times `beat_seconds`."""
    poll_seconds: float = Field(default=0.1, gt=0)
    """How often the queue is looked at; those of work that lasts, such as recordings and buckets, a tenth as often."""
    batch_url: str = ""
    """Bucket or folder whose recordings are written down by the clock; empty: none is."""
    batch_schedule: str = "0 1 * * *"
    """When: minute, hour, day of the month, month and day of the week, in UTC."""

    voice_training_python: str = ""
    """Python of an environment with the packages of `training/voices`, in which this worker does such jobs, one at a
    time; empty: it does none."""
    voice_training_folder: str = ".timbre/voices"
    """Where trainings are at work. A worker that sees the folder of one that died goes on where that was."""

    @property
    def worker(self) -> str:
        """The worker's name."""
        return self.worker_id or socket.gethostname()
