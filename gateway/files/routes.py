"""The calls for files, as OpenAI has them."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import StreamingResponse

from gateway.dependencies import ObjectsDependency
from gateway.files.files import Files
from gateway.files.schemas import FILE_ID, DeletedFile, FilePage, Order, Purpose, StoredFile, Upload
from gateway.files.uploads import Uploads
from gateway.stored import chunks_of
from shared.callers import Caller
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import started
from shared.uploads import FORM

router = APIRouter(tags=["files"], responses=PROBLEMS)

_CONTENT_MEDIA_TYPE = "application/octet-stream"
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes as they were uploaded", "content": {_CONTENT_MEDIA_TYPE: {}}}
}


async def all_files(objects: ObjectsDependency) -> Files:
    """Return the files in the object store."""
    return Files(objects)


FilesDependency = Annotated[Files, Depends(all_files)]
UploadsDependency = Annotated[Uploads, Depends(from_state("uploads"))]
FileId = Annotated[str, Path(pattern=f"^{FILE_ID}$")]


@router.post("/v1/files")
async def upload(
    order: Annotated[Upload, Form(media_type=FORM)], caller: Caller, uploads: UploadsDependency
) -> StoredFile:
    """Keep a file. It is stored whole when the answer comes; of an upload that breaks off nothing is left."""
    return await uploads.take(caller, order)


@router.get("/v1/files")
async def page(
    caller: Caller,
    files: FilesDependency,
    after: Annotated[str | None, Query(pattern=f"^{FILE_ID}$")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    order: Order = "desc",
    purpose: Purpose | None = None,
) -> FilePage:
    """List the caller's files, newest first unless `order` is `asc`."""
    return await asyncio.to_thread(files.page, caller, after, limit, order, purpose)


@router.get("/v1/files/{file_id}")
async def find(file_id: FileId, caller: Caller, files: FilesDependency) -> StoredFile:
    """Tell of one file."""
    return await asyncio.to_thread(files.find, caller, file_id)


@router.get("/v1/files/{file_id}/content", response_class=StreamingResponse, responses=_CONTENT)
async def content(
    request: Request, file_id: FileId, caller: Caller, files: FilesDependency, objects: ObjectsDependency
) -> StreamingResponse:
    """Send the bytes of a file."""
    found = await asyncio.to_thread(files.find, caller, file_id)
    stream = await started(request, chunks_of(objects, files.content_key(caller, file_id)))
    headers = {
        "Content-Length": str(found.bytes),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.filename, safe='')}",
    }
    return StreamingResponse(stream, media_type=_CONTENT_MEDIA_TYPE, headers=headers)


@router.delete("/v1/files/{file_id}")
async def delete(file_id: FileId, caller: Caller, files: FilesDependency) -> DeletedFile:
    """Delete a file. A job that has yet to read it fails."""
    await asyncio.to_thread(files.delete, caller, file_id)
    return DeletedFile(id=file_id)
