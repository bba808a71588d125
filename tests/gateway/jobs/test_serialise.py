"""What the job engine keeps: JSON, and of errors only what a caller may see."""

import pickle
import sqlite3

import orjson
import pytest
from dbos import error as dbos_error
from hypothesis import given
from hypothesis import strategies as st

from gateway.jobs.serialise import JobFailed, JsonSerializer, problem_body
from gateway.upstream import Relayed
from shared.problems import Busy, InvalidInput, InvalidMarkup, Json, Problem, StorageFull, TimedOut, Unavailable

PROBLEMS = [
    InvalidInput("That is no text.", param="text"),
    InvalidMarkup("A tag is not closed.", param="input", position=17),
    Busy("Too many wait.", retry_after_seconds=9),
    Unavailable("The speech service cannot be reached."),
    TimedOut("It took too long."),
    StorageFull("The storage has no room left."),
]
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text()
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(PLAIN | NUMBERS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))

serializer = JsonSerializer()


def kept(data: object) -> object:
    return serializer.deserialize(serializer.serialize(data))


@given(JSON)
def test_json_comes_back_as_it_was(data: Json) -> None:
    assert kept(data) == data


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_a_problem_comes_back_as_the_body_that_callers_see(problem: Problem) -> None:
    back = kept(problem)
    assert isinstance(back, JobFailed)
    assert back.body == problem_body(back) == problem.body()
    assert str(back) == problem.detail


def test_what_came_back_can_be_kept_again() -> None:
    again = kept(kept(PROBLEMS[0]))
    assert isinstance(again, JobFailed)
    assert again.body == PROBLEMS[0].body()


def test_a_service_s_own_problem_is_kept_as_the_service_said_it() -> None:
    body = InvalidMarkup("A tag is not closed.", position=3).body()
    back = kept(Relayed(400, orjson.dumps(body), {"Retry-After": "1"}))
    assert isinstance(back, JobFailed)
    assert back.body == body


def test_after_many_tries_the_last_one_tells_why() -> None:
    tried = dbos_error.DBOSMaxStepRetriesExceeded("speak", 2, [TimedOut("It took too long."), Busy("Too many wait.")])
    assert problem_body(tried) == Busy("Too many wait.").body()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a word of the text"),
        KeyError("a word of the text"),
        sqlite3.OperationalError("a word of the text"),
        dbos_error.DBOSMaxStepRetriesExceeded("speak", 0, []),
        dbos_error.DBOSMaxStepRetriesExceeded("speak", 1, [ValueError("a word of the text")]),
    ],
)
def test_an_unknown_error_shows_nothing_of_itself(error: Exception) -> None:
    written = serializer.serialize(error)
    assert "word" not in written
    assert type(error).__name__ not in written
    back = serializer.deserialize(written)
    assert isinstance(back, JobFailed)
    assert (back.body["type"], back.body["status"]) == ("urn:timbre:problem:engine-failed", 500)


@pytest.mark.parametrize(
    "data",
    [object(), {1, 2}, b"bytes", lambda: None, {"deep": [object()]}],
    ids=["an object", "a set", "bytes", "a function", "deep"],  # the same in every process, as addresses are not
)
def test_what_is_no_json_is_refused(data: object) -> None:
    with pytest.raises(TypeError):
        serializer.serialize(data)


def test_nothing_that_is_read_back_runs_code() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            raise AssertionError("unpickled")

    for text in (pickle.dumps({"a": 1}, 0).decode("latin-1"), "gASVBQAAAAAAAABLAS4="):
        with pytest.raises(ValueError, match="unexpected"):
            serializer.deserialize(text)
    with pytest.raises(TypeError):
        serializer.serialize(Trap())
