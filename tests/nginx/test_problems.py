"""The errors that NGINX answers itself have the same body as the services'."""

import json
import re
from pathlib import Path

import pytest

from shared.problems import (
    Busy,
    Forbidden,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    NotServed,
    Problem,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
)

FOLDER = Path(__file__).parents[2] / "nginx" / "problems"
LARGEST_BODIES_BYTES = {"4m": 4 * 1024 * 1024, "26m": 26 * 1024 * 1024}


def too_large(limit_bytes: int) -> Problem:
    return TooLarge(f"The request body is larger than {limit_bytes} bytes.", limit=limit_bytes)


PROBLEMS = [
    InvalidInput("This is not a well-formed HTTP request, or its head is too long."),
    Unauthorized("Send a valid API key, as `Authorization: Bearer KEY` or as `X-Api-Key: KEY`."),
    Forbidden("This key may not make this call."),
    NotFound("No such address. See docs/api.md for what exists."),
    MethodNotAllowed("This address does not take this method."),
    Busy("Too many requests at once, by this key or altogether. Try again in a second."),
    NotServed("This Timbre does not run the service that answers this call. See docs/api.md."),
    Unavailable("The service that answers this call cannot be reached. Try again shortly."),
    TimedOut("The service that answers this call took too long."),
]
FILES = {problem.slug: problem for problem in PROBLEMS}
FILES |= {f"too-large-{name}": too_large(limit_bytes) for name, limit_bytes in LARGEST_BODIES_BYTES.items()}


@pytest.mark.parametrize(("name", "problem"), FILES.items(), ids=FILES)
def test_body_is_the_problems(name: str, problem: Problem) -> None:
    assert json.loads((FOLDER / f"{name}.json").read_text()) == problem.body()


def test_no_file_without_a_problem() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(FILES)


def test_every_file_is_used_and_every_limit_is_told() -> None:
    server, http = ((FOLDER.parent / "templates" / name).read_text() for name in ("server.conf", "http.conf"))
    assert all(f"/internal/problems/{problem.slug}.json" in server for problem in PROBLEMS)
    assert "/internal/problems/too-large-$timbre_body_limit.json" in server
    assert set(re.findall(r"client_max_body_size ([1-9]\w*);", server + http)) == set(LARGEST_BODIES_BYTES)
