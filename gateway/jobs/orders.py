"""What a request for a job becomes: an id, a fingerprint, and what is written into the database."""

import hashlib
import secrets
import time
from dataclasses import dataclass

import orjson

from gateway.jobs.enqueuing import chore_options
from gateway.jobs.kinds import queue_of
from gateway.jobs.names import APPLICATION_VERSION, SETTLED_SECONDS
from gateway.jobs.schemas import JobRequest
from gateway.jobs.submission import Submission
from shared.problems import Json


@dataclass(frozen=True, slots=True)
class Order:
    """One request of one caller."""

    job_id: str
    fingerprint: str
    """Two requests with the same key are the same request if this is equal."""
    submission: Submission

    @classmethod
    def of(cls, caller: str, request: JobRequest, idempotency_key: str | None) -> "Order":
        """Return what the request becomes."""
        body: dict[str, Json] = request.model_dump(mode="json")
        job_id = _new_id() if idempotency_key is None else id_of(caller, idempotency_key)
        fingerprint = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return cls(job_id, fingerprint, _submission(caller, job_id, body, fingerprint))


def chore(name: str, subject: str, *arguments: Json) -> Submission:
    """Return a chore for what is being stopped; it is enqueued once for its name and subject."""
    return Submission(chore_options(name, f"{subject}-{name}", SETTLED_SECONDS), arguments)


def _new_id() -> str:
    """Return an id that grows with time, as SQLite notes only the second in which a job was taken."""
    return f"job_{time.time_ns() // 1000:013x}{secrets.token_hex(6)[:11]}"


def id_of(caller: str, idempotency_key: str) -> str:
    """Return the id of the one job that a caller makes with this key."""
    return "job_" + hashlib.sha256(orjson.dumps([caller, idempotency_key])).hexdigest()[:24]


def _submission(caller: str, job_id: str, body: dict[str, Json], fingerprint: str) -> Submission:
    return Submission(
        {
            "workflow_name": str(body["kind"]),
            "queue_name": queue_of(str(body["kind"])),
            "workflow_id": job_id,
            "app_version": APPLICATION_VERSION,
            "authenticated_user": caller,
            "attributes": {"fingerprint": fingerprint, "webhook": body["webhook"]},
        },
        [body],
    )
