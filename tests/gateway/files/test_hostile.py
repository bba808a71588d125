"""Uploads that are meant to hurt, or that break off, against a gateway that is a process of its own."""

import os
import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.gateway.jobs.stack import CALLER, Stack, running
from tests.nginx.harness import assert_problem
from tests.started import patiently

MEGABYTE = 1_000_000
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
FIELD = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
END = b"\r\n--b--\r\n"
HEAD = f"POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Timbre-Key: {CALLER}\r\n"
HEAD += "Content-Type: multipart/form-data; boundary=b\r\n"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    (folder / "spool").mkdir()
    with running(folder, "gateway", TMPDIR=str(folder / "spool"), TIMBRE_FILES_PER_KEY="10000") as stack:
        yield stack


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with stack.client() as client:
        yield client


@pytest.fixture(autouse=True)
def _leaves_nothing(stack: Stack, client: httpx.Client) -> Iterator[None]:
    """Whatever a test did, all of its uploads can be deleted, and then nothing is left: no file, no open one."""
    yield
    for file in client.get("/v1/files").json()["data"]:
        client.delete(f"/v1/files/{file['id']}")
    for _ in patiently(30):
        if not stack.stored() and not spooled(stack):
            break
    assert (stack.stored(), spooled(stack)) == ({}, [])


def resident_bytes(stack: Stack) -> int:
    statm = Path(f"/proc/{stack.processes['gateway'].pid}/statm").read_text()
    return int(statm.split()[1]) * resource.getpagesize()


def spooled(stack: Stack) -> list[str]:
    """Return the files that the gateway spools uploads to: those with a name, and those that only it has open."""
    open_files = Path(f"/proc/{stack.processes['gateway'].pid}/fd")
    targets = [os.readlink(one) for one in open_files.iterdir() if os.path.lexists(one)]
    folder = stack.folder / "spool"
    return [*os.listdir(folder), *(target for target in targets if target.startswith(str(folder)))]


def posted(client: httpx.Client, body: bytes, content_type: str = "multipart/form-data; boundary=b") -> httpx.Response:
    return client.post("/v1/files", content=body, headers={"Content-Type": content_type})


class TestFloods:
    @pytest.mark.parametrize(
        "body",
        [
            b"\r\n" * 12 * MEGABYTE,
            b"preamble " * 2 * MEGABYTE,
            b"-" * 24 * MEGABYTE,
            b"--b\r\n" * 4 * MEGABYTE,
            FIELD * 300_000,
            FILE + b"sound\r\n" + FIELD * 300_000,
            (FILE + b"sound\r\n") * 200_000,
            b"--b\r\n" + b"X: y\r\n" * 4 * MEGABYTE,
            b"--b\r\nX: " + b"y" * 24 * MEGABYTE,
            b"--b\r\n" + b"X" * 24 * MEGABYTE,
            b'--b\r\nContent-Disposition: form-data; name="' + b";" * 24 * MEGABYTE,
            b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n' + b"x" * 24 * MEGABYTE,
            FILE + b"\r\n--bx" * MEGABYTE,
            FILE + b"sound without an end",
            b"--b--",
            b"",
        ],
        ids=[
            *("newlines", "preamble", "hyphens", "boundaries", "fields", "fields behind a file", "files", "headers"),
            *("header value", "header name", "parameters", "long field", "false boundaries", "no end", "no part"),
            "nothing",
        ],
    )
    def test_a_flood_is_refused(self, client: httpx.Client, body: bytes) -> None:
        assert_problem(posted(client, body), 400, "invalid-input")
        assert client.get("/health/live").status_code == 200

    @pytest.mark.parametrize(
        "boundary",
        ["", "; boundary=", f"; boundary={'b' * 60_000}", f"; {'; a=b' * 10_000}", f'; boundary="{";" * 60_000}'],
        ids=["none", "empty", "endless", "many parameters", "many separators"],
    )
    def test_so_is_a_strange_boundary(self, client: httpx.Client, boundary: str) -> None:
        answer = posted(client, FILE + b"sound" + END, f"multipart/form-data{boundary}")
        assert_problem(answer, 400, "invalid-input")

    def test_an_endless_epilogue_is_not_kept(self, client: httpx.Client) -> None:
        answer = posted(client, FILE + b"sound" + END + b"x" * 24 * MEGABYTE)
        assert answer.json()["bytes"] == 5

    def test_false_boundaries_belong_to_the_file(self, client: httpx.Client) -> None:
        content = b"\r\n--bx\r\n--b-\r-" * 100_000
        file_id = posted(client, FILE + content + END).json()["id"]
        assert client.get(f"/v1/files/{file_id}/content").content == content

    @pytest.mark.parametrize("charset", ["utf-7", "zlib", "punycode", "idna", "unicode_escape", "rot13", "none", ""])
    def test_no_charset_makes_an_error_of_ours(self, client: httpx.Client, charset: str) -> None:
        name = rb"+2AA-\ud800\x00\xff--a-9"
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\nsound' + END
        answer = posted(client, body, f"multipart/form-data; boundary=b; charset={charset}")
        assert answer.status_code in (200, 400)
        assert client.get("/v1/files").status_code == 200

    def test_the_log_holds_nothing_of_it(self, client: httpx.Client, stack: Stack) -> None:
        posted(client, b'--b\r\nContent-Disposition: form-data; name="file"; filename="secretive.wav"\r\n\r\nxyz' + END)
        posted(client, b"--b\r\nsecretive(: x\r\n\r\n")
        assert "secretive" not in stack.log("gateway")
        assert "python_multipart" not in stack.log("gateway")


class TestMemory:
    def test_many_large_uploads_at_once_take_little(self, client: httpx.Client, stack: Stack) -> None:
        def post(_: int) -> int:
            with stack.client() as own:
                return own.post("/v1/files", files={"file": ("a.wav", content)}).status_code

        content = os.urandom(12 * MEGABYTE)
        assert post(0) == 200
        sizes_bytes = [resident_bytes(stack)]
        with ThreadPoolExecutor(12) as pool:
            answers = [pool.submit(post, number) for number in range(12)]
            while not all(answer.done() for answer in answers):
                sizes_bytes.append(resident_bytes(stack))
                time.sleep(0.01)
        assert [answer.result() for answer in answers] == [200] * 12
        assert max(sizes_bytes) - sizes_bytes[0] < 64 * MEGABYTE


class TestBrokenOff:
    @pytest.mark.parametrize("sent", [b"", FILE, FILE + b"x" * 10_000, FILE + b"x" * 5 * MEGABYTE])
    @pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
    def test_who_leaves_in_the_middle_leaves_nothing(self, stack: Stack, sent: bytes, chunked: bool) -> None:
        port = int(stack.url("gateway").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            if chunked:
                head, body = "Transfer-Encoding: chunked", b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b""
            else:
                head, body = f"Content-Length: {20 * MEGABYTE}", sent
            connection.sendall(f"{HEAD}{head}\r\n\r\n".encode() + body)
            for _ in patiently(30):
                if len(sent) < MEGABYTE or spooled(stack):
                    break
            assert bool(spooled(stack)) is (len(sent) > MEGABYTE)  # the test would otherwise look at nothing
        # _leaves_nothing looks at what is left

    def test_a_gateway_that_is_killed_leaves_nothing(self, stack: Stack) -> None:
        port = int(stack.url("gateway").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(f"{HEAD}Content-Length: {20 * MEGABYTE}\r\n\r\n".encode() + FILE + b"x" * 5 * MEGABYTE)
            assert any(spooled(stack) for _ in patiently(30))
            stack.kill("gateway")
        assert os.listdir(stack.folder / "spool") == []
        stack.start("gateway")
        stack.wait_ready("gateway")

    def test_a_full_disk_is_told(self, stack: Stack, tmp_path: Path) -> None:
        """A limit on the size of files stands for the full disk."""
        with running(tmp_path, "gateway", **stack.as_services) as other, other.client() as client:
            small = client.post("/v1/files", files={"file": ("a.wav", b"x" * 2 * MEGABYTE)})
            resource.prlimit(
                other.processes["gateway"].pid, resource.RLIMIT_FSIZE, (3 * MEGABYTE, resource.RLIM_INFINITY)
            )
            large = client.post("/v1/files", files={"file": ("a.wav", b"x" * 5 * MEGABYTE)})
            again = client.post("/v1/files", files={"file": ("a.wav", b"x" * 2 * MEGABYTE)})
        assert_problem(large, 507, "storage-full")
        assert (small.status_code, again.status_code) == (200, 200)
