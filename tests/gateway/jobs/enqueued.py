"""Jobs in the database, without the rest of the gateway."""

import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.names import APPLICATION_VERSION, QUEUE
from gateway.jobs.submission import Submission


def submission(job_id: str, *, caller: str = "caller", name: str = "emotional-speech") -> Submission:
    return Submission(
        {
            "workflow_name": name,
            "queue_name": QUEUE,
            "workflow_id": job_id,
            "app_version": APPLICATION_VERSION,
            "authenticated_user": caller,
        },
        [{"input": {"text": job_id}}],
    )


def enqueue(client: DBOSClient, engine: sa.Engine, *ids: str, caller: str, name: str = "emotional-speech") -> None:
    with engine.begin() as connection:
        for job_id in ids:
            one = submission(job_id, caller=caller, name=name)
            client.enqueue_in_transaction(connection, one.options, *one.arguments)
