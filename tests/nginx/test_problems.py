"""The errors that NGINX answers itself have the same body as the services'."""

import json
from pathlib import Path

import pytest

from shared.problems import (
    Busy,
    Forbidden,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    Problem,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
)

FOLDER = Path(__file__).parents[2] / "nginx" / "problems"
LARGEST_BODY_BYTES = 4 * 1024 * 1024
PROBLEMS = [
    InvalidInput("This is not a well-formed HTTP request, or its head is too long."),
    Unauthorized("Send a valid API key, as `Authorization: Bearer KEY` or as `X-Api-Key: KEY`."),
    Forbidden("This key may not make this call."),
    NotFound("No such address. See docs/api.md for what exists."),
    MethodNotAllowed("This address does not take this method."),
    TooLarge(f"The request body is larger than {LARGEST_BODY_BYTES} bytes.", limit=LARGEST_BODY_BYTES),
    Busy("Too many requests at once, by this key or altogether. Try again in a second."),
    Unavailable("The service that answers this call cannot be reached. Try again shortly."),
    TimedOut("The service that answers this call took too long."),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_body_is_the_problems(problem: Problem) -> None:
    assert json.loads((FOLDER / f"{problem.slug}.json").read_text()) == problem.body()


def test_no_file_without_a_problem() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == {problem.slug for problem in PROBLEMS}


def test_every_file_is_used_and_the_limit_is_the_one_told() -> None:
    templates = FOLDER.parent / "templates"
    server = (templates / "server.conf").read_text()
    assert all(f"/internal/problems/{problem.slug}.json" in server for problem in PROBLEMS)
    assert f"client_max_body_size {LARGEST_BODY_BYTES // 1024**2}m;" in (templates / "http.conf").read_text()
