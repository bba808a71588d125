"""Settings of batch speech-to-text by the clock."""

from typing import Self

from pydantic import Field, model_validator

from shared.settings import ServiceSettings


class ScheduleSettings(ServiceSettings):
    """Read from `TIMBRE_<FIELD>`."""

    batch_url: str = Field(min_length=1)
    """Bucket or folder whose recordings are written down."""
    batch_queue: str = ""
    """Queue of AWS Batch that does the work; empty: this machine does it."""
    batch_definition: str = ""
    """Job definition of AWS Batch; its image is that of services/stt."""
    batch_children: int = Field(default=20, ge=1, le=10_000)
    """Child jobs at most; AWS Batch starts one for each share of the recordings."""

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if bool(self.batch_queue) != bool(self.batch_definition):
            raise ValueError("TIMBRE_BATCH_QUEUE and TIMBRE_BATCH_DEFINITION go together")
        return self
