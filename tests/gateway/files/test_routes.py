"""The calls for files, by the real app."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.settings import GatewaySettings
from tests.nginx.harness import assert_problem

pytestmark = pytest.mark.anyio

CALLER, STRANGER = {"X-Timbre-Key": "tmb_caller01"}, {"X-Timbre-Key": "tmb_caller02"}
SOUND = bytes(range(256)) * 20_000  # 5 MB: more than is held in memory
FILES = "/v1/files"
MISSING = f"{FILES}/file-{'0' * 24}"
MakeGateway = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def objects(settings: GatewaySettings) -> Path:
    return Path(settings.data)


def stored(objects: Path) -> list[Path]:
    return [path for path in objects.rglob("*") if path.is_file()]


async def uploaded(http: httpx.AsyncClient, content: bytes = b"sound", **members: str) -> dict[str, Any]:
    answer = await http.post(FILES, files={"file": ("speech.wav", content)}, data=members, headers=CALLER)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


class TestOneFile:
    async def test_it_comes_back_as_it_was_sent(self, gateway: httpx.AsyncClient) -> None:
        made = await uploaded(gateway, SOUND, purpose="assistants")
        assert made["object"] == "file"
        assert (made["bytes"], made["filename"], made["purpose"]) == (len(SOUND), "speech.wav", "assistants")
        found = await gateway.get(f"{FILES}/{made['id']}", headers=CALLER)
        assert found.json() == made
        content = await gateway.get(f"{FILES}/{made['id']}/content", headers=CALLER)
        assert content.content == SOUND
        assert content.headers["content-type"] == "application/octet-stream"
        assert content.headers["content-length"] == str(len(SOUND))
        assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''speech.wav"

    async def test_a_purpose_may_be_left_out(self, gateway: httpx.AsyncClient) -> None:
        assert (await uploaded(gateway))["purpose"] == "user_data"

    async def test_a_hostile_name_is_only_a_name(self, gateway: httpx.AsyncClient, objects: Path) -> None:
        disposition = b'Content-Disposition: form-data; name="file"; filename="../../%s\\"; x=\xc3\xa4.wav"'
        body = b"--b\r\n" + disposition % (b"a" * 300) + b"\r\n\r\nsound\r\n--b--\r\n"
        headers = {**CALLER, "Content-Type": "multipart/form-data; boundary=b"}
        made = (await gateway.post(FILES, content=body, headers=headers)).json()
        assert made["filename"] == "a" * 255
        assert {path.name for path in stored(objects)} == {"content", "file.json"}
        answer = await gateway.get(f"{FILES}/{made['id']}/content", headers=CALLER)
        assert answer.headers["content-disposition"].isascii()

    async def test_a_deleted_one_is_gone(self, gateway: httpx.AsyncClient, objects: Path) -> None:
        path = f"{FILES}/{(await uploaded(gateway))['id']}"
        answer = await gateway.delete(path, headers=CALLER)
        assert answer.json() == {"id": path.rpartition("/")[2], "object": "file", "deleted": True}
        for method, where in (("GET", path), ("GET", f"{path}/content"), ("DELETE", path)):
            assert_problem(await gateway.request(method, where, headers=CALLER), 404, "not-found")
        assert stored(objects) == []

    async def test_others_neither_see_nor_delete_it(self, gateway: httpx.AsyncClient) -> None:
        path = f"{FILES}/{(await uploaded(gateway))['id']}"
        for method, where in (("GET", path), ("GET", f"{path}/content"), ("DELETE", path)):
            assert_problem(await gateway.request(method, where, headers=STRANGER), 404, "not-found")
        assert (await gateway.get(FILES, headers=STRANGER)).json()["data"] == []
        assert (await gateway.get(path, headers=CALLER)).status_code == 200

    @pytest.mark.parametrize("key", [None, "", "../other", "a/b", "a" * 129])
    @pytest.mark.parametrize(
        ("method", "path"),
        [("POST", FILES), ("GET", FILES), ("GET", MISSING), ("GET", f"{MISSING}/content"), ("DELETE", MISSING)],
    )
    async def test_no_call_without_a_key(
        self, gateway: httpx.AsyncClient, method: str, path: str, key: str | None
    ) -> None:
        files = {"file": ("a", b"b")} if method == "POST" else None
        headers = {"X-Timbre-Key": key} if key is not None else {}
        assert_problem(await gateway.request(method, path, files=files, headers=headers), 401, "unauthorized")


class TestList:
    async def test_all_or_by_pages_and_purpose(self, gateway: httpx.AsyncClient) -> None:
        made = [await uploaded(gateway, purpose=purpose) for purpose in ("batch", "vision", "batch")]
        everything = (await gateway.get(FILES, headers=CALLER)).json()
        assert sorted(everything["data"], key=lambda file: file["id"]) == sorted(made, key=lambda file: file["id"])
        assert (everything["object"], everything["has_more"]) == ("list", False)
        page = (await gateway.get(FILES, params={"limit": 2, "order": "asc"}, headers=CALLER)).json()
        rest = (await gateway.get(FILES, params={"after": page["last_id"], "order": "asc"}, headers=CALLER)).json()
        assert page["has_more"]
        assert [*page["data"], *rest["data"]] == everything["data"][::-1]
        batches = (await gateway.get(FILES, params={"purpose": "batch"}, headers=CALLER)).json()["data"]
        assert {file["id"] for file in batches} == {made[0]["id"], made[2]["id"]}

    @pytest.mark.parametrize(
        "given", [{"limit": 0}, {"limit": 10_001}, {"order": "up"}, {"purpose": "x"}, {"after": "../x"}]
    )
    async def test_bad_wishes_are_refused_by_name(self, gateway: httpx.AsyncClient, given: dict[str, Any]) -> None:
        answer = await gateway.get(FILES, params=given, headers=CALLER)
        assert_problem(answer, 400, "invalid-input")
        assert answer.json()["param"] == next(iter(given))


class TestRefusals:
    @pytest.mark.parametrize(
        ("members", "param"),
        [
            ({"files": {"file": ("a.wav", b"")}}, "file"),
            ({"files": {"other": ("a.wav", b"b")}}, "file"),
            ({"data": {"file": "text"}, "files": {"other": ("a.wav", b"b")}}, "file"),
            ({"data": {"file": "a form without files"}}, "file"),
            ({"json": {"file": "text"}}, "file"),
            ({"content": b""}, "file"),
            ({"files": {"file": ("a", b"b")}, "data": {"purpose": "world domination"}}, "purpose"),
            ({"files": {"file": ("a", b"b")}, "data": {"expires_after[seconds]": "3600"}}, None),
            (
                {
                    "files": {"file": ("a", b"b")},
                    "data": {"expires_after[seconds]": "60", "expires_after[anchor]": "created_at"},
                },
                "expires_after[seconds]",
            ),
            ({"files": [("file", ("a", b"b")), ("file", ("c", b"d"))]}, None),
            ({"files": {"file": ("a", b"b")}, "data": {"purpose": "x" * 10_000}}, None),
            ({"files": {"file": ("a", b"b")}, "data": {f"f{number}": "x" for number in range(17)}}, None),
        ],
    )
    async def test_a_bad_upload_is_a_problem_that_names_it(
        self, gateway: httpx.AsyncClient, objects: Path, members: dict[str, Any], param: str | None
    ) -> None:
        answer = await gateway.post(FILES, headers=CALLER, **members)
        assert_problem(answer, 400, "invalid-input")
        assert answer.json().get("param") == param
        assert "world domination" not in answer.text
        assert stored(objects) == []

    async def test_the_reason_is_told(self, gateway: httpx.AsyncClient) -> None:
        two = [("file", ("a", b"b")), ("file", ("c", b"d"))]
        assert "Too many files" in (await gateway.post(FILES, headers=CALLER, files=two)).json()["detail"]
        text = await gateway.post(FILES, headers=CALLER, data={"file": "text"}, files={"other": ("a", b"b")})
        assert "send it as a file" in text.json()["detail"]

    async def test_too_large_a_file_is_told_the_limit(self, gateway_with: MakeGateway, objects: Path) -> None:
        async with gateway_with(max_body_bytes=100_000) as gateway:
            await uploaded(gateway, b"x" * 99_000)
            answer = await gateway.post(FILES, headers=CALLER, files={"file": ("a", b"x" * 100_001)})
        assert_problem(answer, 413, "too-large")
        assert answer.json()["limit"] == 100_000
        assert len(stored(objects)) == 2

    @pytest.mark.parametrize("setting", ["files_per_key", "files_bytes_per_key"])
    async def test_a_full_quota_is_told_until_a_file_is_deleted(
        self, gateway_with: MakeGateway, objects: Path, setting: str
    ) -> None:
        async with gateway_with(**{setting: 1 if setting == "files_per_key" else 5}) as gateway:
            first = await uploaded(gateway)
            refused = await gateway.post(FILES, headers=CALLER, files={"file": ("a", b"sound")})
            other = await gateway.post(FILES, headers=STRANGER, files={"file": ("a", b"sound")})
            await gateway.delete(f"{FILES}/{first['id']}", headers=CALLER)
            await uploaded(gateway)
        assert_problem(refused, 507, "storage-full")
        assert refused.json()["limit"] in (1, 5)
        assert other.status_code == 200
        assert len(stored(objects)) == 4
