"""What a sentiment detection job takes."""

from typing import Literal

from pydantic import Field

from gateway.locations import Beginning, Location
from gateway.schemas import Documented

_S3 = "s3://bucket"


class SentimentDetectionInput(Documented):
    """English texts whose sentiments are to be found, as Amazon Comprehend's jobs find them."""

    url: Beginning = Field(max_length=1_024, examples=[f"{_S3}/reviews/"])
    """s3://bucket/prefix or an absolute path, among `TIMBRE_MEDIA_LOCATIONS`: all files whose names begin so."""
    output: Location = Field(max_length=1_024, examples=[f"{_S3}/sentiments"])
    """Where the result is written, among `TIMBRE_OUTPUT_LOCATIONS`, and what its name begins with; see `result_of`."""
    document: Literal["line", "file"] = "line"
    """Whether each line of a file is a text, or each file."""


def result_of(output: str, job_id: str) -> str:
    """Return where the result of a job is written."""
    return f"{output}-{job_id.removeprefix('job_')}/output/output.tar.gz"
