"""What a sentiment detection job takes."""

from typing import Literal

from pydantic import Field, field_validator

from gateway.locations import Beginning, Location, told_at
from gateway.schemas import Documented

_S3 = "s3://bucket"
_LONGEST_ID = "0" * 24


class SentimentDetectionInput(Documented):
    """English texts whose sentiments are to be found, as Amazon Comprehend's jobs find them."""

    url: Beginning = Field(max_length=2_048, examples=[f"{_S3}/reviews/"])
    """s3://bucket/prefix or an absolute path, among `TIMBRE_MEDIA_LOCATIONS`: all files whose names begin so."""
    output: Location = Field(max_length=2_048, examples=[f"{_S3}/sentiments"])
    """Where the result is written, among `TIMBRE_OUTPUT_LOCATIONS`, and what its name begins with; see `result_of`."""
    document: Literal["line", "file"] = "line"
    """Whether each line of a file is a text, or each file."""

    @field_validator("output")
    @classmethod
    def _has_room(cls, output: str) -> str:
        """Refuse what only a result would show to be too long."""
        told_at("output", result_of(output, _LONGEST_ID))
        return output


def result_of(output: str, job_id: str) -> str:
    """Return where the result of a job is written."""
    return f"{output}-{job_id.removeprefix('job_')}/output/output.tar.gz"
