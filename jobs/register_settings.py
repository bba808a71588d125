"""Settings of what registers trained models."""

from pydantic import Field

from shared.settings import ServiceSettings


class RegisterSettings(ServiceSettings):
    """Read from `TIMBRE_<FIELD>`."""

    models: str = Field(min_length=1)
    """Where models lie: a folder or s3://bucket/prefix."""
    training_output: str = Field(pattern="^s3://.")
    """Bucket or s3://bucket/prefix that training jobs write their models to; none is taken from elsewhere."""
    training_most_bytes: int = Field(default=1 << 30, ge=1024)
    """Most that a job's model.tar.gz may have, and most that its files may have together."""
