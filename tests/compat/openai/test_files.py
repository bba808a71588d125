"""`client.files`: what is sent once and named by jobs; quotas and large files stand in tests/e2e/test_files.py."""

import io

import httpx
import openai
import pytest
from openai.types import FileObject


@pytest.fixture(autouse=True)
def _no_files(client: openai.OpenAI) -> None:
    for file in client.files.list():
        client.files.delete(file.id)


def test_a_file_from_its_sending_to_its_end(client: openai.OpenAI, recording: bytes) -> None:
    made = client.files.create(
        file=("house.wav", recording), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3_600}
    )
    FileObject.model_validate(made.to_dict(), strict=True)
    assert (made.bytes, made.filename, made.purpose) == (len(recording), "house.wav", "user_data")
    assert made.expires_at == made.created_at + 3_600
    assert client.files.wait_for_processing(made.id) == client.files.retrieve(made.id) == made
    assert client.files.content(made.id).read() == recording
    gone = client.files.delete(made.id)
    assert (gone.id, gone.deleted) == (made.id, True)


def test_a_kept_recording_is_written_down(client: openai.OpenAI, recording: bytes) -> None:
    made = client.files.create(file=io.BytesIO(recording), purpose="user_data")
    content = client.files.content(made.id).read()
    assert "old house" in client.audio.transcriptions.create(model="whisper-1", file=content).text


@pytest.mark.anyio
async def test_async(async_client: openai.AsyncOpenAI) -> None:
    made = await async_client.files.create(file=b"sound", purpose="assistants")
    assert [file.id async for file in async_client.files.list(purpose="assistants")] == [made.id]
    assert (await async_client.files.content(made.id)).content == b"sound"


def test_all_pages(client: openai.OpenAI) -> None:
    made = {client.files.create(file=(f"{number}.wav", b"sound"), purpose="user_data").id for number in range(5)}
    listed = [file.id for file in client.files.list(limit=2)]
    assert (set(listed), len(listed)) == (made, 5)


@pytest.mark.parametrize("id", ["file-none", "../keys", "a" * 200])
def test_one_that_is_not_there(client: openai.OpenAI, id: str) -> None:
    for call in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises((openai.NotFoundError, openai.BadRequestError)) as refused:
            call(id)
        assert refused.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "fun"},
        {"purpose": "user_data", "expires_after": {"anchor": "created_at", "seconds": 1}},
        {"purpose": "user_data", "expires_after": {"anchor": "yesterday", "seconds": 3_600}},
    ],
)
def test_what_is_wrong(client: openai.OpenAI, wrong: dict[str, object]) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=b"sound", **wrong)  # type: ignore[arg-type]
    assert refused.value.param


def test_uploads_in_parts_are_not_offered(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.uploads.create(bytes=5, filename="a.wav", mime_type="audio/wav", purpose="user_data")


def test_a_form_without_a_file(plain: httpx.Client) -> None:
    answer = plain.post("/files", data={"purpose": "user_data"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
