"""A process that writes down what it is told to, with a model that it loads once."""

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from jobs.transcribe.bucket import Bucket
from jobs.transcribe.claims import Claims
from jobs.transcribe.outputs import Outputs
from jobs.transcribe.patience import Late, Progress
from jobs.transcribe.recordings import Outcome, Recordings
from jobs.transcribe.scribe import Scribe
from jobs.transcribe.settings import BatchSettings
from jobs.transcribe.transcript import Options
from services.stt.models import Opened, started_models
from shared import logs
from shared.objects import open_objects
from shared.problems import InvalidInput, Problem, StorageFull, StorageRefused, Unavailable

_PAUSES_SECONDS = (1.0, 4.0, 16.0)
"""Between the tries of a recording when the storage fails, which itself tries a few times."""
_NEVER_SECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Order:
    """What a process has to know."""

    location: str
    options: Options
    settings: BatchSettings
    owner: str


@dataclass(frozen=True, slots=True)
class Task:
    """A recording to be done."""

    key: str
    etag: str = ""
    """The recording's, when it was seen to wait."""
    over: str | None = None
    """Etag of a dead process's claim to it."""
    late: Late | None = None
    """What an earlier process took too long over."""
    is_again: bool = False
    """A process of ours died before it told what became of it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded."""

    model: str


@dataclass(frozen=True, slots=True)
class Unable:
    """Nothing can be done here until somebody sets something right."""

    problem: Problem


Told = Ready | Unable | Progress | Outcome


def work(connection: Connection, order: Order) -> None:
    """Do what comes, tell what became of it, and end with the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    logs.configure(order.settings.log_level, "jobs.transcribe")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        asyncio.run(_work(connection, order))


async def _work(connection: Connection, order: Order) -> None:
    # The model that a run began with is that of the whole run.
    settings = order.settings.model_copy(update={"models_poll_seconds": _NEVER_SECONDS, "stt_further_models": ""})
    try:
        async with started_models(settings) as lease:
            with lease(None) as opened:
                order.options.require_of(opened.engine.abilities)
                connection.send(Ready(opened.model))
                await asyncio.to_thread(_serve, connection, _recordings(connection, order, opened))
    except Problem as problem:
        connection.send(Unable(problem))
    except LookupError as error:  # no such engine
        connection.send(Unable(InvalidInput(str(error))))


def _recordings(connection: Connection, order: Order, opened: Opened) -> Recordings:
    objects, settings = open_objects(order.location), order.settings
    claims = Claims(objects, order.owner, settings.batch_lease_seconds)
    scribe = Scribe(objects, opened.model, opened.engine, order.options, settings.recording_limits)

    def tell(progress: Progress) -> None:
        with suppress(OSError):  # whoever started this one is gone: what is begun is done all the same
            connection.send(progress)

    return Recordings(Bucket(objects), claims, scribe, Outputs(objects), settings.batch_lives, tell)


def _serve(connection: Connection, recordings: Recordings) -> None:
    while True:
        task: Task = connection.recv()
        connection.send(_outcome(recordings, task))


def _outcome(recordings: Recordings, task: Task) -> Told:
    begun = task.etag if task.is_again else None
    for pause_seconds in (*_PAUSES_SECONDS, None):
        try:
            return recordings.do(task.key, task.over, task.late, begun=begun)
        except StorageRefused as problem:
            return _refused(recordings.bucket, task, problem)
        except (Unavailable, StorageFull) as problem:
            if pause_seconds is None:
                return Outcome(task.key, "left", why=problem.detail)
            time.sleep(pause_seconds)
            begun = task.etag
        except Problem as problem:
            return Outcome(task.key, "left", why=problem.detail)
    raise AssertionError("the last try returns")


def _refused(bucket: Bucket, task: Task, problem: StorageRefused) -> Told:
    """Tell whether it is this recording alone that the storage refuses, or all of them."""
    try:
        bucket.has_inputs()
    except StorageRefused as refusal:
        return Unable(refusal)
    except Unavailable:  # whether it refuses all, the next recording shows
        pass
    return Outcome(task.key, "left", why=problem.detail)
