"""From a location as an operator writes it to the object store behind it."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.objects.base import ObjectStore
from shared.objects.folder import FolderObjects
from shared.objects.keys import check_key
from shared.problems import InvalidInput

_S3 = "s3://"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def open_objects(location: str) -> ObjectStore:
    """Return the store behind "/path", "path", "file:///path" or "s3://bucket/prefix"; raises InvalidInput."""
    if location.startswith(_S3):
        return _open_s3(location)
    return FolderObjects(folder_of(location))


def folder_of(location: str) -> Path:
    """Return the folder that a location names; raises InvalidInput for an address of another kind."""
    if location.startswith("file:///"):
        location = unquote(urlsplit(location).path)
    if not location or "\0" in location or _SCHEME.match(location):
        raise InvalidInput("A location is a folder, file:///folder or s3://bucket/prefix.")
    return Path(location).absolute()


def s3_place(location: str) -> tuple[str, str]:
    """Return bucket and prefix, which may be empty, of "s3://bucket/prefix"; raises InvalidInput."""
    bucket, _, prefix = location.removeprefix(_S3).partition("/")
    if not location.startswith(_S3) or not _BUCKET.fullmatch(bucket):
        raise InvalidInput("An s3:// location names a bucket: s3://bucket/prefix.")
    prefix = prefix.strip("/")
    return bucket, check_key(prefix) if prefix else ""


def _open_s3(location: str) -> ObjectStore:
    bucket, prefix = s3_place(location)
    from shared.objects.s3 import S3Objects, connect  # boto3 costs half a second: only those who use S3 pay it

    return S3Objects(connect(), bucket, prefix)
