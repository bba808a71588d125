"""The errors that NGINX answers itself have the same body as the services'."""

import json
import re
from pathlib import Path

import pytest

from shared.handlers import NO_SUCH_ADDRESS
from shared.problems import (
    Busy,
    Forbidden,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    NotServed,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
)

FOLDER = Path(__file__).parents[2] / "nginx" / "problems"
LARGEST_BODY_BYTES, LARGEST_UPLOAD_BYTES = 4 * 1024 * 1024, 26 * 1024 * 1024


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request body is larger than {limit} bytes.", limit=limit)


PROBLEMS = [
    InvalidInput("This is not a well-formed HTTP request, or its head is too long."),
    Unauthorized("Send a valid API key, as `Authorization: Bearer KEY` or as `X-Api-Key: KEY`."),
    Forbidden("This key may not make this call."),
    NotFound(NO_SUCH_ADDRESS),
    MethodNotAllowed("This address does not take this method."),
    too_large(LARGEST_BODY_BYTES),
    Busy("Too many requests at once, by this key or altogether. Try again in a second."),
    NotServed("This Timbre does not run the service that answers this call. See docs/api.md."),
    Unavailable("The service that answers this call cannot be reached. Try again shortly."),
    TimedOut("The service that answers this call took too long."),
]
AWS = {
    "aws-invalid": "ValidationException",
    "aws-too-large": "RequestEntityTooLargeException",
    "aws-throttling": "ThrottlingException",
    "aws-unavailable": "ServiceUnavailableException",
}
VOICES = NotServed(
    "Voices are not made by this call: they are trained on recordings, by `make voice` or by a job of the kind "
    "voice-training, which takes the speaker's consent too. See docs/voices.md."
)
FILES = {problem.slug: problem for problem in PROBLEMS} | {
    "too-large-upload": too_large(LARGEST_UPLOAD_BYTES),
    "not-served-voices": VOICES,
}


@pytest.mark.parametrize("name", FILES)
def test_body_is_the_problems(name: str) -> None:
    assert json.loads((FOLDER / f"{name}.json").read_text()) == FILES[name].body()


def test_no_file_without_a_problem() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(FILES) | set(AWS)


@pytest.mark.parametrize("name", AWS)
def test_body_is_as_awss_clients_read_it(name: str) -> None:
    body = json.loads((FOLDER / f"{name}.json").read_text())
    assert set(body) == {"__type", "message"}
    assert body["__type"] == AWS[name]
    assert "bytes" not in body["message"] or str(LARGEST_BODY_BYTES) in body["message"]


def test_every_file_is_used_and_the_limits_are_those_told() -> None:
    server, http = ((FOLDER.parent / "templates" / f"{name}.conf").read_text() for name in ("server", "http"))
    used = {
        *re.findall(r"/internal/problems/([a-z-]+)\.json", server),
        *re.findall(r"((?:too-large|not-served)[a-z-]*);", http),
    }
    assert used == set(FILES) | set(AWS)
    assert f"client_max_body_size {LARGEST_BODY_BYTES // 1024**2}m;" in http
    assert set(re.findall(r"client_max_body_size (\d+)m;", server)) == {str(LARGEST_UPLOAD_BYTES // 1024**2)}
