"""Forms with files: hostile ones are refused at a bounded cost, and none is read before there is a slot for it."""

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Form, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.types import Message

from shared.app import create_app
from shared.engines import Slots
from shared.metrics import Metrics
from shared.problems import Busy
from shared.settings import ServiceSettings
from shared.uploads import FORM, SlotFirst
from tests.serving import calling

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
FILE = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
FIELD = b'--B\r\nContent-Disposition: form-data; name="note"\r\n\r\n'
END = b"\r\n--B--\r\n"


def spooled_files() -> set[str]:
    """Return the temporary files that this process holds open; they have no name any more."""
    links = [os.readlink(link) for link in list(Path("/proc/self/fd").iterdir()) if link.is_symlink()]
    return {link for link in links if link.startswith(tempfile.gettempdir()) and link.endswith("(deleted)")}


class Letter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    note: str = ""


router = APIRouter(route_class=SlotFirst)


@router.post("/letters")
async def letters(letter: Annotated[Letter, Form(media_type=FORM)]) -> dict[str, int | str]:
    return {"size": len(await letter.file.read()), "note": letter.note}


@router.post("/echoes")
async def echoes(letter: Annotated[Letter, Form(media_type=FORM)]) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield letter.note.encode()
        yield letter.note.encode()

    return StreamingResponse(pieces())


def make_app(**settings: float) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        yield {}

    return create_app("example", ServiceSettings(**settings), [router], lifespan)


@asynccontextmanager
async def client(slots: Slots | None = None, **settings: float) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(**settings)
    async with calling(app, {"slots": slots or Slots(4, 4, 5, Metrics())}) as http:
        yield http


async def post(http: httpx.AsyncClient, body: bytes, parameters: str = "; boundary=B") -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:  # as a server hands them on
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    return await http.post("/letters", content=pieces(), headers={"content-type": FORM + parameters})


@pytest.mark.anyio
class TestForms:
    @pytest.mark.parametrize("size_bytes", [0, 1, MIB - 1, MIB + 1, 20 * MIB])
    async def test_files_arrive_whole(self, size_bytes: int) -> None:
        async with client() as http:
            answer = await http.post("/letters", files={"file": bytes(size_bytes)}, data={"note": "ä" * 4000})
        assert answer.json() == {"size": size_bytes, "note": "ä" * 4000}

    @pytest.mark.parametrize("kind", ["audio/wav", "application/json", "application/x-www-form-urlencoded", ""])
    async def test_other_bodies_are_not_read(self, kind: str) -> None:
        slots = Slots(1, 0, 5, Metrics())
        async with client(slots) as http, slots.take():
            answer = await http.post("/letters", content=b"{}", headers={"content-type": kind})
        assert (answer.status_code, FORM in answer.json()["detail"]) == (400, True)

    async def test_a_file_without_a_name_is_told_so(self) -> None:
        unnamed = FIELD.replace(b"note", b"file") + bytes(MIB) + END
        async with client() as http:
            answer = await post(http, unnamed)
        assert (answer.status_code, "filename" in answer.json()["detail"]) == (400, True)

    @pytest.mark.parametrize(
        "content",
        [b"\r\n" * MIB, b"\r" * MIB, b"\r\n--A" * (MIB // 5), bytes(MIB)],
        ids=["line ends", "returns", "nearly boundaries", "zeros"],
    )
    async def test_odd_contents(self, content: bytes) -> None:
        async with client() as http:
            answer = await post(http, FILE + content + END)
        assert answer.json()["size"] == len(content)

    @pytest.mark.parametrize(
        ("body", "parameters"),
        {
            "no boundary": (FILE + END, ""),
            "empty boundary": (FILE + END, "; boundary="),
            "huge boundary": (b"--" + b"B" * 5000 + b"\r\n", "; boundary=" + "B" * 5000),
            "other boundary": (FILE + END, "; boundary=C"),
            "preamble": (b"x" * MIB + FILE + END, "; boundary=B"),
            "nothing": (b"", "; boundary=B"),
            "broken off in a head": (FILE[:30], "; boundary=B"),
            "a long head": (b"--B\r\nA: " + b"b" * MIB + b"\r\n\r\n" + END, "; boundary=B"),
            "many heads": (b"--B\r\n" + b"A: b\r\n" * 100_000 + b"\r\n" + END, "; boundary=B"),
            "a head without a name": (b"--B\r\nContent-Disposition: form-data\r\n\r\nx" + END, "; boundary=B"),
            "many fields": ((FIELD + b"\r\n") * 20_000 + b"--B--\r\n", "; boundary=B"),
            "many files": ((FILE + b"\r\n") * 20_000 + b"--B--\r\n", "; boundary=B"),
            "a long field": (FIELD + bytes(MIB) + END, "; boundary=B"),
            "an unknown field": (FILE + b"x\r\n" + FIELD.replace(b"note", b"notes") + b"x" + END, "; boundary=B"),
            "a file as a field": (FIELD.replace(b"note", b"file") + b"x" + END, "; boundary=B"),
            "a field as a file": (FILE.replace(b'"file"', b'"note"') + b"x" + END, "; boundary=B"),
            "a charset that never decodes": (FIELD + b"x" + END, "; boundary=B; charset=undefined"),
        }.values(),
    )  # fmt: skip
    async def test_hostile_forms(self, body: bytes, parameters: str) -> None:
        async with client() as http:
            answer = await post(http, body, parameters)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert answer.json()["type"] == "urn:timbre:problem:invalid-input"
        assert len(answer.content) < 4096

    # Starlette leaves the temporary file of a form without an end to Python, which closes it at once, with a warning.
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    @pytest.mark.parametrize("size_bytes", [1000, 2 * MIB])
    async def test_a_form_without_an_end(self, size_bytes: int) -> None:
        open_before = spooled_files()
        async with client() as http:
            answer = await post(http, FILE + bytes(size_bytes))
        gc.collect()
        assert (answer.status_code, answer.json()["param"]) == (400, "file")
        assert spooled_files() == open_before

    @pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "zlib", "rot13", "utf-16", "unicode_escape"])
    async def test_charsets_do_no_harm(self, charset: str) -> None:
        async with client() as http:
            answer = await post(http, FILE + b"x\r\n" + FIELD + b"a-" * 4096 + END, f"; boundary=B; charset={charset}")
        assert answer.status_code in (200, 400)

    async def test_epilogue_is_not_kept(self) -> None:
        async with client() as http:
            answer = await post(http, FILE + b"x" + END + b"\r\n" * MIB)
        assert answer.json()["size"] == 1

    async def test_body_limit_holds_while_a_form_is_read(self) -> None:
        async with client(max_body_bytes=4096) as http:
            answer = await post(http, FILE + bytes(100_000) + END)
        assert (answer.status_code, answer.json()["limit"]) == (413, 4096)


_FULL_DISK = """
import asyncio, resource
from tests.shared.test_uploads import MIB, client

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB))
    async with client() as http:
        for size_bytes, status in ((MIB, 200), (4 * MIB, 507), (MIB, 200)):
            answer = await http.post("/letters", files={"file": bytes(size_bytes)})
            assert answer.status_code == status, answer.text

asyncio.run(main())
"""


def test_no_room_for_a_file() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", _FULL_DISK], check=True, cwd=ROOT, timeout=60)


@pytest.mark.anyio
class TestSlotFirst:
    async def test_no_body_is_read_before_there_is_a_slot(self) -> None:
        slots = Slots(slots=1, queue=1, queue_wait_seconds=60, metrics=Metrics())
        read: list[str] = []

        async def pieces(name: str) -> AsyncIterator[bytes]:
            read.append(name)
            yield FILE + b"x" + END

        async with client(slots) as http:
            headers = {"content-type": f"{FORM}; boundary=B"}
            async with slots.take():
                waiting = asyncio.create_task(http.post("/letters", content=pieces("waiting"), headers=headers))
                while slots._waiting == 0:
                    await asyncio.sleep(0)
                refused = await http.post("/letters", content=pieces("refused"), headers=headers)
                assert read == []
            assert (await waiting).json()["size"] == 1
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert read == ["waiting"]

    async def test_a_sender_that_falls_silent_gives_its_slot_back(self) -> None:
        slots = Slots(slots=1, queue=1, queue_wait_seconds=60, metrics=Metrics())
        app = make_app(body_wait_seconds=0.05)
        messages: list[Message] = [{"type": "http.request", "body": FILE, "more_body": True}]
        sent: list[Message] = []

        async def receive() -> Message:
            return messages.pop() if messages else await asyncio.Event().wait()

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"content-type", f"{FORM}; boundary=B".encode())]
        scope = {"type": "http", "method": "POST", "path": "/letters", "query_string": b"", "headers": headers}
        await app({**scope, "state": {"slots": slots}}, receive, send)
        assert sent[0]["status"] == 504
        async with asyncio.timeout(5), slots.take():
            pass

    @pytest.mark.parametrize("leaves", [False, True])
    async def test_a_streamed_answer_holds_its_slot_until_it_is_sent(self, *, leaves: bool) -> None:
        slots = Slots(slots=1, queue=0, queue_wait_seconds=60, metrics=Metrics())
        messages: list[Message] = [{"type": "http.request", "body": FILE + b"x\r\n" + FIELD + b"oh" + END}]
        refusals = 0

        async def receive() -> Message:
            return messages.pop() if messages else await asyncio.Event().wait()

        async def send(message: Message) -> None:
            nonlocal refusals
            with pytest.raises(Busy):
                async with slots.take():
                    pass
            refusals += 1
            if leaves and message["type"] == "http.response.body":
                raise OSError("the client has left")

        headers = [(b"content-type", f"{FORM}; boundary=B".encode())]
        scope = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "POST", "path": "/echoes"}
        scope |= {"query_string": b"", "headers": headers, "state": {"slots": slots}}
        with suppress(Exception):  # what the server makes of a client that has left is not the point
            await make_app()(scope, receive, send)
        assert refusals >= 2
        async with asyncio.timeout(5), slots.take():
            pass
