"""Files through the public address, with OpenAI's unmodified client."""

import io
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.started import ROOT, Started, patiently

pytestmark = pytest.mark.timeout(300)

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def client(stack: Started, key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"http://127.0.0.1:{stack.port}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.fixture(autouse=True)
def _no_files(client: openai.OpenAI) -> None:
    for file in client.files.list():
        client.files.delete(file.id)


def stored(stack: Started) -> list[str]:
    folder = stack.folder / ".timbre" / "data" / "files"
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_a_file_goes_in_and_comes_out(client: openai.OpenAI, stack: Started) -> None:
    content = os.urandom(25 * MEGABYTE)
    made = client.files.create(
        file=("Grüße.wav", content), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3_600}
    )
    assert (made.object, made.bytes, made.status) == ("file", len(content), "processed")
    assert (made.filename, made.purpose) == ("Grüße.wav", "user_data")
    assert made.expires_at == made.created_at + 3_600
    assert client.files.retrieve(made.id) == made
    assert client.files.content(made.id).read() == content
    assert len(stored(stack)) == 2
    gone = client.files.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "file")
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)
    assert stored(stack) == []


def test_the_client_walks_through_all_pages(client: openai.OpenAI) -> None:
    made = [client.files.create(file=(f"{number}.wav", b"sound"), purpose="user_data") for number in range(7)]
    assert [file.id for file in client.files.list(limit=3, order="asc")] == sorted(file.id for file in made)
    assert [file.id for file in client.files.list()] == sorted((file.id for file in made), reverse=True)
    assert list(client.files.list(purpose="batch")) == []


@pytest.mark.parametrize(
    ("size_bytes", "limit_bytes"),
    [(26_214_400, 26_214_400), (27 * 1024 * 1024, 27_262_976)],
    ids=["over the gateway's", "over NGINX's"],
)
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_too_large_a_file_is_told_the_limit(
    public: httpx.Client, stack: Started, size_bytes: int, limit_bytes: int, announced: bool
) -> None:
    boundary = secrets.token_hex(16)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'.encode()
    body = io.BytesIO(head + b"x" * size_bytes + f"\r\n--{boundary}--\r\n".encode())
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    content = body.getvalue() if announced else iter(lambda: body.read(65_536), b"")
    answer = public.post("/v1/files", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["limit"] == limit_bytes
    assert stored(stack) == []


def test_who_leaves_in_the_middle_leaves_nothing(public: httpx.Client, stack: Started, key: str) -> None:
    head = f"POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nContent-Length: {20 * MEGABYTE}\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", stack.port), timeout=30) as connection:
        connection.sendall(head.encode() + part + b"x" * 5 * MEGABYTE)
    assert public.get("/v1/files").json()["data"] == []
    assert stored(stack) == []


def test_keys_see_their_own_files_only(client: openai.OpenAI, stack: Started) -> None:
    made = client.files.create(file=("a.wav", b"sound"), purpose="user_data")
    command = [sys.executable, "-m", "gateway.keys", "create", "--name", f"other-{secrets.token_hex(4)}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    other_key = subprocess.run(
        command, cwd=stack.folder, env=environment, check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    with openai.OpenAI(base_url=f"http://127.0.0.1:{stack.port}/v1", api_key=other_key, max_retries=0) as other:
        assert list(other.files.list()) == []
        for call in (other.files.retrieve, other.files.content, other.files.delete):
            with pytest.raises(openai.NotFoundError):
                call(made.id)
    assert client.files.retrieve(made.id) == made


def test_whoever_forgets_all_jobs_forgets_all_files(
    client: openai.OpenAI, public: httpx.Client, stack: Started
) -> None:
    client.files.create(file=("a.wav", b"sound"), purpose="user_data")
    assert public.delete("/v1/jobs").status_code == 202
    for _ in patiently():
        if not stored(stack):
            break
    assert stored(stack) == []
