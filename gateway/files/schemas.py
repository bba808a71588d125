"""What the calls for files take and give, in OpenAI's shape."""

from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import BeforeValidator, Field, model_validator

from gateway.schemas import Documented

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
Order = Literal["asc", "desc"]
Lifetime = Annotated[int, Field(ge=3_600, le=2_592_000)]

FILE_ID = "file-[0-9a-f]{24}"


def _has_a_name(given: object) -> object:
    if isinstance(given, str):
        raise ValueError("send it as a file, with a file name")
    return given


class Upload(Documented):
    """A file to be kept."""

    file: Annotated[UploadFile, BeforeValidator(_has_a_name)]
    """The file itself, with its name; `TIMBRE_MAX_BODY_BYTES` bounds the whole request (25 MiB by default)."""
    purpose: Purpose = "user_data"
    """What the file is for. OpenAI's values; Timbre treats them all alike."""
    expires_after_anchor: Literal["created_at"] | None = Field(default=None, alias="expires_after[anchor]")
    """From when the seconds are counted."""
    expires_after_seconds: Lifetime | None = Field(default=None, alias="expires_after[seconds]")
    """After how many seconds the file is deleted; `TIMBRE_RETENTION_DAYS` is the most, and the default."""

    @model_validator(mode="after")
    def _names_both_or_neither(self) -> "Upload":
        if (self.expires_after_anchor is None) != (self.expires_after_seconds is None):
            raise ValueError("expires_after has both an anchor and seconds")
        return self


class StoredFile(Documented):
    """A file that is kept."""

    id: str
    """Ids sort by the time of the upload."""
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    """Seconds since 1970, as is `expires_at`."""
    expires_at: int
    """When the file is deleted."""
    filename: str
    """The name that it was uploaded with, without folders and control characters."""
    purpose: Purpose
    status: Literal["processed"] = "processed"


class FilePage(Documented):
    """Files of the caller."""

    object: Literal["list"] = "list"
    data: list[StoredFile]
    first_id: str | None
    last_id: str | None
    """Give it as `after` to get the files that follow."""
    has_more: bool


class DeletedFile(Documented):
    """Says that a file is gone."""

    id: str
    object: Literal["file"] = "file"
    deleted: Literal[True] = True
