"""What the calls for jobs take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, HttpUrl

from gateway.jobs.kinds import KINDS
from gateway.schemas import Documented
from shared.problems import InvalidInput

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("succeeded", "failed", "cancelled")


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise InvalidInput(f"There is no job of that kind; there are: {', '.join(KINDS)}.", param="kind")
    return kind


KindName = Annotated[str, AfterValidator(_known), Field(examples=["emotional-speech"])]


class Webhook(Documented):
    """Where to tell of the job's end."""

    url: HttpUrl
    """An https or http address that is reachable from the public internet; redirects are not followed."""
    secret: str = Field(min_length=16, max_length=256)
    """Signs each call: `Timbre-Signature: t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY` with this secret."""


class JobRequest(Documented):
    """A job to be done."""

    kind: KindName
    input: dict[str, Any]
    """What the kind takes; see the documentation of each."""
    webhook: Webhook | None = None


class Result(Documented):
    """One thing that a job made."""

    name: str
    """Such as `audio`, `tagged` or `text`."""
    media_type: str
    bytes: int
    href: str
    """Where to fetch it, with the same key."""
    models: list[str] = Field(default=[], exclude_if=lambda models: not models)
    """Of synthetic speech: what spoke it, such as `alice/3` or `flite/slt`."""


class Job(Documented):
    """One job, as its caller sees it."""

    id: str
    kind: str
    state: State
    step: str | None = None
    """What is being done just now; only in the answer for one job that runs."""
    progress: float | None = None
    """Share that is done, from 0 to 1; only in the answer for one job."""
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    expires: datetime | None = None
    """When the job and all that it stored are deleted."""
    error: dict[str, Any] | None = None
    """The problem (RFC 9457) that the job failed with."""
    results: list[Result] = Field(default_factory=list)


class JobPage(Documented):
    """Jobs of the caller, newest first."""

    jobs: list[Job]
    next: str | None = None
    """Give it as `after` to get the jobs that follow; null at the end."""


class Forgotten(Documented):
    """How many jobs are being deleted."""

    jobs: int
