"""A running Timbre as a command line sees it: its calls for jobs and files, and their errors in words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import orjson
from urllib3 import encode_multipart_formdata

from gateway.files.schemas import StoredFile
from gateway.jobs.schemas import ENDED, Job, Result
from shared.objects.atomic import WRITING, atomic_write, opened_folder, reported
from shared.objects.keys import check_key
from shared.problems import Json

_LONGEST_SILENCE_SECONDS = 330  # a little more than NGINX lets a stream of events be silent
_PASSING = frozenset({429, 502, 503, 504})
_PAUSE_SECONDS = 0.5
_SUFFIXES = {"mpeg": "mp3", "plain": "txt", "ssml+xml": "ssml"}


class Refused(Exception):
    """A call that went wrong; the text is for the user."""


class Unreachable(Refused):
    """One that may go well a little later."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """A running Timbre, and a key for it. All calls raise Refused; ValidationError where no Timbre answers."""

    address: str
    key: str
    patience_seconds: float = 60
    """How long it may be away while a job is followed: a restart is no reason to stop."""

    def ask(self, method: str, path: str, body: Json = None, **headers: str) -> bytes:
        """Return the answer to one call."""
        with self._answer(method, path, None if body is None else orjson.dumps(body), headers) as answer:
            return answer.read()

    def upload(self, name: str, content: bytes) -> StoredFile:
        """Keep a file there."""
        form, media_type = encode_multipart_formdata({"file": (name, content, "application/octet-stream")})
        with self._answer("POST", "/v1/files", form, {"Content-Type": media_type}) as answer:
            return StoredFile.model_validate_json(answer.read())

    def changes(self, job_id: str) -> Iterator[Job]:
        """Yield the job now, and whenever it has changed, until it has ended."""
        gone_since: float | None = None
        while True:
            try:
                for job in self._events(job_id):
                    gone_since = None
                    yield job
                    if job.state in ENDED:
                        return
            except Unreachable:
                gone_since = gone_since or time.monotonic()
                if time.monotonic() - gone_since > self.patience_seconds:
                    raise
            time.sleep(_PAUSE_SECONDS)

    def save(self, job_id: str, result: Result, folder: Path) -> Path:
        """Fetch one result into the folder, whole or not at all; return its path. Raises Problem too."""
        kind = result.media_type.rpartition("/")[2]
        name = check_key(f"{result.name}.{_SUFFIXES.get(kind, kind)}".replace("/", "_"))
        with (
            self._answer("GET", f"{path_of(job_id)}/results/{quote(result.name, safe='')}") as answer,
            reported(WRITING),
            opened_folder(folder, create=True) as opened,
            atomic_write(opened, name) as file,
        ):
            while chunk := _read(answer):
                file.write(chunk)
            if file.tell() != result.bytes:
                raise Unreachable(f"The result {result.name!r} broke off.")
        return folder / name

    def _events(self, job_id: str) -> Iterator[Job]:
        with self._answer("GET", f"{path_of(job_id)}/events") as stream:
            yield from (Job.model_validate_json(line[6:]) for line in stream if line.startswith(b"data: "))
        raise Unreachable("The events broke off.")

    @contextmanager
    def _answer(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Iterator[HTTPResponse]:
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})}
        try:
            request = Request(self.address + path, body, sent, method=method)  # noqa: S310 - http or https, as set
            with urlopen(request, timeout=_LONGEST_SILENCE_SECONDS) as answer:  # noqa: S310
                yield answer
        except HTTPError as error:
            with error:
                raise (Unreachable if error.code in _PASSING else Refused)(_words(error)) from error
        except (OSError, HTTPException) as error:
            raise Unreachable(f"Timbre cannot be reached: {getattr(error, 'reason', '') or error}") from error


def path_of(job_id: str) -> str:
    """Return the path of one job."""
    return f"/v1/jobs/{quote(job_id, safe='')}"


def _read(answer: HTTPResponse) -> bytes:
    try:
        return answer.read(262_144)
    except OSError as error:  # the folder would take it for an error of its own
        raise Unreachable(f"Timbre cannot be reached: {error}") from error


def _words(error: HTTPError) -> str:
    """Return `title: detail` of a problem."""
    try:
        return "{title}: {detail}".format_map(orjson.loads(error.read()))
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return f"The answer was {error.code} {error.reason}; is this the address of a Timbre?"
