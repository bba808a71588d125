"""Objects in an S3 bucket, or in any server that speaks S3's protocol."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from shared import aws
from shared.objects.base import CHUNK_BYTES, ObjectInfo, ObjectStore
from shared.objects.folder import source
from shared.objects.keys import check_key, check_prefix, is_key
from shared.problems import AlreadyExists, NotFound, Problem, Unavailable

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, ObjectTypeDef

_READ_ATTEMPTS = 4
_LONGEST_PAUSE_SECONDS = 2.0
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_TAKEN = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
_REFUSED = frozenset({"401", "403", "AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch"})


def connect(*, attempts: int = 4, connect_timeout_seconds: float = 5, read_timeout_seconds: float = 30) -> "S3Client":
    """Return a client that is set up through AWS's usual environment (AWS_ENDPOINT_URL_S3, AWS_REGION, keys, roles).

    A request that fails in a passing way is made at most `attempts` times, with growing random pauses.
    """
    settings = aws.config(
        attempts=attempts, connect_timeout_seconds=connect_timeout_seconds, read_timeout_seconds=read_timeout_seconds
    )
    return aws.session().client("s3", config=settings)


class S3Objects(ObjectStore):
    """Objects in `bucket`, below `prefix` (which may be empty)."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    @contextmanager
    def open(self, key: str) -> Iterator[Iterator[bytes]]:
        """Open an object as chunks; a download that breaks off goes on where it stopped, a few times."""
        response = self._read(key)
        with closing(response["Body"]), closing(self._chunks(key, response)) as chunks:
            yield chunks

    def put(self, key: str, data: bytes | Path | BinaryIO, *, if_absent: bool = False) -> str:
        """Write an object in one request (S3 takes up to 5 GiB so).

        With `if_absent`, a retry after a lost answer may meet our own object and say AlreadyExists.
        """
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if if_absent else {}
        with source(data) as contents, _reported():
            response = self._client.put_object(**self._at(key), Body=contents, **condition)
        return response["ETag"].strip('"')

    def head(self, key: str) -> ObjectInfo:
        """Return size, etag and time of an object."""
        with _reported():
            found = self._client.head_object(**self._at(key))
        return ObjectInfo(key, found["ContentLength"], found["ETag"].strip('"'), found["LastModified"].astimezone(UTC))

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Return the objects page by page."""
        return self._pages(self._prefix + check_prefix(prefix))

    def delete(self, key: str) -> None:
        """Remove an object."""
        with _reported():
            self._client.delete_object(**self._at(key))

    def _at(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": check_key(self._prefix + check_key(key))}

    def _read(self, key: str, **condition: Any) -> "GetObjectOutputTypeDef":
        with _reported():
            return self._client.get_object(**self._at(key), **condition)

    def _chunks(self, key: str, response: "GetObjectOutputTypeDef") -> Generator[bytes]:
        size_bytes, etag = response["ContentLength"], response["ETag"]
        received_bytes = 0
        for attempt in range(_READ_ATTEMPTS):
            try:
                with closing(response["Body"]) as body:
                    for chunk in body.iter_chunks(CHUNK_BYTES):
                        received_bytes += len(chunk)
                        yield chunk
                return
            except BotoCoreError as error:
                if received_bytes >= size_bytes or attempt == _READ_ATTEMPTS - 1:
                    raise Unavailable("The object storage breaks off while it sends an object.") from error
            _pause(attempt)
            response = self._rest(key, received_bytes, etag)

    def _rest(self, key: str, offset_bytes: int, etag: str) -> "GetObjectOutputTypeDef":
        try:
            response = self._read(key, Range=f"bytes={offset_bytes}-", IfMatch=etag)
        except (AlreadyExists, NotFound) as changed:
            raise Unavailable("The object was written anew while it was read.") from changed
        if not response.get("ContentRange", "").startswith(f"bytes {offset_bytes}-"):
            response["Body"].close()
            raise Unavailable("The object storage broke off, and cannot go on in the middle of an object.")
        return response

    def _pages(self, prefix: str) -> Iterator[ObjectInfo]:
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix))
        previous: set[str] = set()
        while True:
            with _reported():
                page = next(pages, None)
            if page is None:
                return
            entries = page.get("Contents", [])
            # Some servers send a page twice when they are disturbed.
            yield from (self._info(entry) for entry in entries if entry["Key"] not in previous and self._is_ours(entry))
            previous = {entry["Key"] for entry in entries}

    def _is_ours(self, entry: "ObjectTypeDef") -> bool:
        return is_key(entry["Key"].removeprefix(self._prefix))

    def _info(self, entry: "ObjectTypeDef") -> ObjectInfo:
        key, etag = entry["Key"].removeprefix(self._prefix), entry.get("ETag", "").strip('"')
        return ObjectInfo(key, entry["Size"], etag, entry["LastModified"].astimezone(UTC))


@contextmanager
def _reported() -> Iterator[None]:
    """Turn the client's errors into problems."""
    try:
        yield
    except ClientError as error:
        raise _problem(aws.code_of(error)) from error
    except BotoCoreError as error:
        raise Unavailable("The object storage cannot be reached; check its address and our credentials.") from error


def _problem(code: str) -> Problem:
    if code in _ABSENT:
        return NotFound("There is no object of that name.")
    if code in _TAKEN:
        return AlreadyExists("There is an object of that name already.")
    if code in _REFUSED:
        return Unavailable("The object storage refuses our credentials.")
    return Unavailable("The object storage answers with an error.")


def _pause(attempt: int) -> None:
    time.sleep(SystemRandom().uniform(0, min(_LONGEST_PAUSE_SECONDS, 0.1 * 2**attempt)))
