"""How the job engine writes what it keeps: JSON, and problems as their bodies. Nothing that is read back runs code."""

from typing import Any, cast

import orjson
from dbos import Serializer
from dbos import error as dbos_error

from gateway.upstream import Relayed
from shared.problems import EngineFailed, Json, Problem

_PROBLEM = "timbre-problem"


class JobFailed(Exception):
    """A problem as it is kept: the body that callers are shown."""

    def __init__(self, body: dict[str, Json]) -> None:
        super().__init__(str(body.get("detail", "")))
        self.body = body


class JsonSerializer(Serializer):
    """JSON in, JSON out; an exception becomes a problem's body and comes back as JobFailed."""

    def serialize(self, data: Any) -> str:
        """Raise TypeError for what is no JSON."""
        return orjson.dumps(data, default=_described).decode()

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - the base class names it so
        """Return what was serialised."""
        data = orjson.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {_PROBLEM}:
            return JobFailed(data[_PROBLEM])
        return data

    def name(self) -> str:
        """Return the name that stands beside each value in the database."""
        return "timbre_json"


def problem_body(error: BaseException) -> dict[str, Json]:
    """Return what a caller may see of an error: a problem's body; of anything else only that it failed."""
    if isinstance(error, dbos_error.DBOSMaxStepRetriesExceeded) and error.errors:
        return problem_body(error.errors[-1])
    if isinstance(error, JobFailed):
        return error.body
    if isinstance(error, Problem):
        return error.body()
    if isinstance(error, Relayed):
        return cast(dict[str, Json], orjson.loads(error.body))
    return EngineFailed("The job ended in an error of our own; the log of the worker has it.").body()


def _described(data: object) -> object:
    if isinstance(data, BaseException):
        return {_PROBLEM: problem_body(data)}
    raise TypeError(f"{type(data).__name__} is no JSON")
