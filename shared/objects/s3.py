"""Objects in an S3 bucket, or in any server that speaks S3's protocol."""

import os
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC
from pathlib import Path
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from shared import aws
from shared.objects.base import CHUNK_BYTES, Hear, LeftOut, ObjectInfo, ObjectStore, ignore
from shared.objects.folder import source
from shared.objects.keys import check_key, check_prefix, fault_of
from shared.objects.s3_copy import MOST_BYTES, SOURCE_ETAG, copy
from shared.problems import AlreadyExists, Conflict, NotFound, Problem, StorageFull, StorageRefused, Unavailable

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, ObjectTypeDef

_READ_ATTEMPTS = 4
_LONGEST_PAUSE_SECONDS = 2.0
_SIZE = "timbre-bytes"
"""Kept with each object: a proxy that cuts an answer short cuts its Content-Length too."""

Report = tuple[type[Problem], str]
_CHANGED = "The object was written anew or removed meanwhile."


class _NoSuchRange(Unavailable):
    """A piece was asked for that begins behind the end."""


_ABSENT: Report = NotFound, "There is no object of that name."
_TAKEN: Report = AlreadyExists, "There is an object of that name already."
_REFUSED: Report = StorageRefused, "The object storage refuses our credentials."
_NO_BUCKET: Report = StorageRefused, "The object storage has no bucket of that name."
_BEYOND: Report = _NoSuchRange, "The object has fewer bytes."
_FULL: Report = StorageFull, "The object storage has no room left; free some space or raise its quota."
_FAILED: Report = Unavailable, "The object storage answers with an error."
_REPORTS: dict[str, Report] = {
    **dict.fromkeys(("404", "NoSuchKey", "NotFound"), _ABSENT),
    **dict.fromkeys(("412", "PreconditionFailed", "409", "ConditionalRequestConflict"), _TAKEN),
    **dict.fromkeys(("401", "403", "AccessDenied", "AllAccessDisabled", "AccountProblem"), _REFUSED),
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "InvalidAccessKeyId", "SignatureDoesNotMatch"), _REFUSED),
    **dict.fromkeys(("507", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"), _FULL),
    "NoSuchBucket": _NO_BUCKET,
    **dict.fromkeys(("416", "InvalidRange"), _BEYOND),
}


def connect(*, attempts: int = 3, connect_timeout_seconds: float = 5, read_timeout_seconds: float = 15) -> "S3Client":
    """Return a client that is set up through AWS's usual environment (AWS_ENDPOINT_URL_S3, AWS_REGION, keys, roles).

    A request that fails in a passing way is made at most `attempts` times, with growing random pauses; a server that
    is silent is given up after `attempts` times `read_timeout_seconds` and a little more.
    """
    settings = aws.config(
        attempts=attempts, connect_timeout_seconds=connect_timeout_seconds, read_timeout_seconds=read_timeout_seconds
    )
    return aws.session().client("s3", config=settings)


class S3Objects(ObjectStore):
    """Objects in `bucket`, below `prefix` (which may be empty); those over `most_copy_bytes` are moved in parts."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str = "", *, most_copy_bytes: int = MOST_BYTES) -> None:
        self._client = client
        self._most_copy_bytes = most_copy_bytes
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    @contextmanager
    def open(self, key: str) -> Iterator[Iterator[bytes]]:
        """Open an object as chunks; a download that breaks off goes on where it stopped, a few times."""
        response = self._read(key)
        with closing(response["Body"]), closing(self._chunks(key, response)) as chunks:
            yield chunks

    def start(self, key: str, most_bytes: int) -> bytes:
        """Ask for the beginning only; a server may send more, which is not read."""
        try:
            response = self._read(key, Range=f"bytes=0-{most_bytes - 1}")
        except _NoSuchRange:
            return b""
        with _reported(), closing(response["Body"]) as body:
            return body.read(most_bytes)

    def put(
        self, key: str, data: bytes | Path | BinaryIO, *, if_absent: bool = False, if_match: str | None = None
    ) -> str:
        """Write an object in one request (S3 takes up to 5 GiB so).

        With a condition, a retry after a lost answer may meet our own object and say AlreadyExists or Conflict.
        """
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if if_absent else _matching(if_match)
        impossible = [] if if_match else [NotFound] if if_absent else [NotFound, AlreadyExists]
        with source(data) as contents, _conflicting(if_match), _reported(*impossible):
            size = {_SIZE: str(contents.seek(0, os.SEEK_END))}
            contents.seek(0)
            response = self._client.put_object(**self._at(key), Body=contents, Metadata=size, **condition)
            return response["ETag"].strip('"')

    def head(self, key: str) -> ObjectInfo:
        """Return size, etag and time of an object."""
        with _reported():
            found = self._client.head_object(**self._at(key))
            modified = found["LastModified"].astimezone(UTC)
            return ObjectInfo(key, found["ContentLength"], found["ETag"].strip('"'), modified)

    def list(self, prefix: str = "", left_out: Hear = ignore) -> Iterator[ObjectInfo]:
        """Return the objects page by page."""
        for entry in self._entries(self._prefix + check_prefix(prefix)):
            info = self._info(entry)
            if fault := self.fault_of(info.key):
                left_out(LeftOut(info.key, fault))
            else:
                yield info

    def address(self, key: str) -> str:
        """Return the address with the bucket in its path, which every server knows."""
        place = self._at(key)
        return f"{self._client.meta.endpoint_url}/{place['Bucket']}/{quote(place['Key'])}"

    def fault_of(self, key: str) -> str:
        """Also look at the key below the prefix: together they may be too long."""
        return fault_of(key) or fault_of(self._prefix + key)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove an object."""
        with _conflicting(if_match), suppress(NotFound), _reported():
            self._client.delete_object(**self._at(key), **_matching(if_match))

    def move(self, key: str, target: str, *, if_match: str, if_absent: bool = False) -> None:
        """Copy, inside the storage, and remove."""
        if not (if_absent and self._is_copied(target, if_match)):
            self._copy(key, target, if_match, if_absent=if_absent)
        self._require(key, if_match)  # not every server knows conditions of copies
        self.delete(key, if_match=if_match)

    def _copy(self, key: str, target: str, etag: str, *, if_absent: bool) -> None:
        try:
            with _reported():
                places, most_bytes = (self._at(key), self._at(target)), self._most_copy_bytes
                copy(self._client, *places, if_match=etag, if_absent=if_absent, most_bytes=most_bytes)
        except AlreadyExists as problem:  # one of the two conditions does not hold
            self._require(key, etag)
            if not if_absent:
                raise Conflict(_CHANGED) from problem
            if not self._is_copied(target, etag):
                raise

    def _is_copied(self, target: str, etag: str) -> bool:
        """Tell whether an object is there, by an answer that was lost or a move that was cut short.

        Raises AlreadyExists for another object; not every server knows that condition of a copy.
        """
        try:
            with _reported():
                found = self._client.head_object(**self._at(target))
        except NotFound:
            return False
        if etag not in (found["ETag"].strip('"'), found["Metadata"].get(SOURCE_ETAG)):
            raise AlreadyExists(_TAKEN[1])
        return True

    def _require(self, key: str, etag: str) -> None:
        if self.head(key).etag != etag:
            raise Conflict(_CHANGED)

    def _at(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": check_key(self._prefix + check_key(key))}

    def _read(self, key: str, **condition: Any) -> "GetObjectOutputTypeDef":
        with _reported():
            return self._client.get_object(**self._at(key), **condition)

    def _chunks(self, key: str, response: "GetObjectOutputTypeDef") -> Generator[bytes]:
        with _reported():
            size_bytes, etag = _size_bytes(response), response["ETag"]
        received_bytes = 0
        for attempt in range(_READ_ATTEMPTS):
            with suppress(BotoCoreError), closing(response["Body"]) as body:
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    received_bytes += len(chunk)
                    yield chunk
                if received_bytes == size_bytes:
                    return
            if received_bytes >= size_bytes or attempt == _READ_ATTEMPTS - 1:
                break
            _pause(attempt)
            response = self._rest(key, received_bytes, etag)
        raise Unavailable("The object storage breaks off while it sends an object.")

    def _rest(self, key: str, offset_bytes: int, etag: str) -> "GetObjectOutputTypeDef":
        try:
            response = self._read(key, Range=f"bytes={offset_bytes}-", IfMatch=etag)
        except (AlreadyExists, NotFound) as changed:
            raise Unavailable("The object was written anew while it was read.") from changed
        if not response.get("ContentRange", "").startswith(f"bytes {offset_bytes}-"):
            response["Body"].close()
            raise Unavailable("The object storage broke off, and cannot go on in the middle of an object.")
        return response

    def _entries(self, prefix: str) -> Iterator["ObjectTypeDef"]:
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix))
        previous: set[str] = set()
        while True:
            with _reported():
                page = next(pages, None)
            if page is None:
                return
            entries = page.get("Contents", [])
            # Some servers send a page twice when they are disturbed.
            yield from (entry for entry in entries if entry["Key"] not in previous and not _is_folder(entry))
            previous = {entry["Key"] for entry in entries}

    def _info(self, entry: "ObjectTypeDef") -> ObjectInfo:
        key, etag = entry["Key"].removeprefix(self._prefix), entry.get("ETag", "").strip('"')
        return ObjectInfo(key, entry["Size"], etag, entry["LastModified"].astimezone(UTC))


def _is_folder(entry: "ObjectTypeDef") -> bool:
    """Tell whether an object is what consoles put for a folder: empty, with a name that ends in a slash."""
    return entry["Key"].endswith("/") and not entry["Size"]


def _size_bytes(response: "GetObjectOutputTypeDef") -> int:
    """Return how long the object was when it was written; of what others wrote, how long the answer says it is."""
    return int(response.get("Metadata", {}).get(_SIZE, response["ContentLength"]))


@contextmanager
def _reported(*impossible: type[Problem]) -> Iterator[None]:
    """Turn the client's errors into problems; one that the request cannot have is the server's failure."""
    try:
        yield
    except ClientError as error:
        kind, detail = _REPORTS.get(aws.code_of(error), _FAILED)
        kind, detail = _FAILED if kind in impossible else (kind, detail)
        raise kind(detail) from error
    except NoCredentialsError as error:
        raise StorageRefused("There are no credentials for the object storage.") from error
    except (BotoCoreError, HTTPError) as error:  # the latter of a connection that breaks in the middle of an error
        raise Unavailable("The object storage cannot be reached; check its address and our credentials.") from error
    except (ResponseParserError, KeyError, ValueError) as error:
        raise Unavailable("The object storage gives an answer that is not understood.") from error


def _matching(etag: str | None) -> dict[str, Any]:
    return {"IfMatch": etag} if etag else {}


@contextmanager
def _conflicting(etag: str | None) -> Iterator[None]:
    """Where an etag was asked for, say Conflict of an object that has another, or is not there."""
    try:
        yield
    except (AlreadyExists, NotFound) as problem:
        if etag is None:
            raise
        raise Conflict(_CHANGED) from problem


def _pause(attempt: int) -> None:
    time.sleep(SystemRandom().uniform(0, min(_LONGEST_PAUSE_SECONDS, 0.1 * 2**attempt)))
