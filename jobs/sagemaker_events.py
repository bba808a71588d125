"""What EventBridge tells of SageMaker's training jobs."""

from typing import Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from shared.objects.location import s3_place
from shared.problems import InvalidInput, Json

_NO_EVENT = "This is no event of a training job of SageMaker's."


class Ended(NamedTuple):
    """A training job that is completed, and where it left what it made."""

    job: str
    artifact: str


class _Artifacts(BaseModel):
    place: str = Field(default="", alias="S3ModelArtifacts")


class _Job(BaseModel):
    name: str = Field(alias="TrainingJobName", pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
    status: Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"] = Field(alias="TrainingJobStatus")
    artifacts: _Artifacts = Field(default=_Artifacts(), alias="ModelArtifacts")


class _Event(BaseModel):
    source: Literal["aws.sagemaker"]
    kind: Literal["SageMaker Training Job State Change"] = Field(alias="detail-type")
    detail: _Job


def completed(event: Json) -> Ended | None:
    """Return the job that an event tells of; None of one that is still at work or has failed.

    Raises InvalidInput for any other event.
    """
    try:
        job = _Event.model_validate(event).detail
    except ValidationError as error:
        raise InvalidInput(_NO_EVENT) from error
    return Ended(job.name, job.artifacts.place) if job.status == "Completed" else None


def key_below(location: str, artifact: str) -> str:
    """Return the key of an artifact below `location`, s3://bucket/prefix; raises InvalidInput if it lies elsewhere."""
    (bucket, prefix), (its_bucket, key) = s3_place(location), s3_place(artifact)
    start = f"{prefix}/" if prefix else ""
    if its_bucket != bucket or not key.startswith(start) or key == start:
        raise InvalidInput("The artifact lies outside TIMBRE_TRAINING_OUTPUT.")
    return key.removeprefix(start)
