"""Settings of batch speech-to-text."""

import os

from pydantic import Field

from jobs.transcribe.patience import Patience
from services.stt.settings import SttSettings
from shared.audio.limits import AudioLimits

_MOST_SAMPLES_PER_SECOND = 2 * 192_000


class BatchSettings(SttSettings):
    """Read from `TIMBRE_<FIELD>`; those of services/stt too, as engine and model are chosen alike."""

    batch_processes: int = Field(default=0, ge=0, le=1024)
    """Processes on this machine, each with its own model. 0: one a core."""
    batch_lease_seconds: float = Field(default=60.0, gt=0)
    """How long a process may be silent before another takes over its recording."""
    batch_lives: int = Field(default=5, ge=1)
    """How many processes may die of one recording before it counts as what kills them, and fails."""
    batch_waits: bool = True
    """Whether one that has nothing left to do waits for what others are still doing, to take it over if they die."""
    batch_max_file_bytes: int = Field(default=4_294_967_296, ge=1)
    """Largest recording."""
    batch_max_recording_seconds: float = Field(default=43_200.0, gt=0)
    """Longest recording."""
    batch_decode_seconds: float = Field(default=3_600.0, gt=0)
    """Longest time that the decoding of a recording may take."""
    batch_work_seconds: float = Field(default=600.0, gt=0)
    """Longest time that the work on a recording may take, beside what its length allows. What takes longer counts as
    hung: its process is killed, and it fails."""
    batch_work_seconds_per_second: float = Field(default=20.0, ge=0)
    """How much longer it may take for each second of sound."""

    @property
    def processes(self) -> int:
        """Processes to start."""
        return self.batch_processes or len(os.sched_getaffinity(0))

    @property
    def patience(self) -> Patience:
        """How long the engine may work on a recording."""
        return Patience(self.batch_work_seconds, self.batch_work_seconds_per_second)

    @property
    def recording_limits(self) -> AudioLimits:
        """What a recording may be: more than a call may bring."""
        return AudioLimits(
            max_bytes=self.batch_max_file_bytes,
            max_seconds=self.batch_max_recording_seconds,
            max_samples=round(self.batch_max_recording_seconds * _MOST_SAMPLES_PER_SECOND),
            max_work_seconds=self.batch_decode_seconds,
        )
