"""Copies inside S3: in one request, or in parts where an object is larger than S3 copies at once."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from shared.problems import Conflict

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

MOST_BYTES = 5 << 30
"""What S3 copies in one request."""
_PART_BYTES = 512 << 20
"""So that 10,000 parts hold the largest object that S3 takes, and each is copied within a request's time."""


SOURCE_ETAG = "timbre-source-etag"
"""Metadata of a copy: what it was made of. Its own etag is another where the source was uploaded in parts, or is
encrypted by a key of KMS."""
_HEADERS = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType")


def copy(
    client: "S3Client",
    source: dict[str, Any],
    target: dict[str, Any],
    *,
    if_match: str,
    if_absent: bool,
    most_bytes: int = MOST_BYTES,
) -> None:
    """Copy the object of that etag; with `if_absent` only where there is none.

    The copy may get another etag; its metadata tell that of the source. Raises the client's errors, and Conflict for
    another object, as not every server knows conditions of copies.
    """
    found = client.head_object(**source)
    if found["ETag"].strip('"') != if_match:
        raise Conflict("The object was written anew meanwhile.")
    condition: dict[str, Any] = {"IfNoneMatch": "*"} if if_absent else {}
    of_source: dict[str, Any] = {"CopySource": source, "CopySourceIfMatch": if_match}
    described = _described(dict(found), if_match)
    if found["ContentLength"] <= most_bytes:
        client.copy_object(**target, **of_source, **condition, **described, MetadataDirective="REPLACE")
        return
    upload = client.create_multipart_upload(**target, **described)
    place = {**target, "UploadId": upload["UploadId"]}
    try:
        parts = _parts(client, {**place, **of_source}, found["ContentLength"], min(most_bytes, _PART_BYTES))
        client.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}, **condition)
    except BaseException:
        with suppress(ClientError, BotoCoreError):
            client.abort_multipart_upload(**place)
        raise


def _described(found: dict[str, Any], etag: str) -> dict[str, Any]:
    """Return the headers and metadata of a copy."""
    kept = {name: found[name] for name in _HEADERS if name in found}
    return {**kept, "Metadata": {**found["Metadata"], SOURCE_ETAG: etag}}


def _parts(client: "S3Client", place: dict[str, Any], size_bytes: int, part_bytes: int) -> "list[CompletedPartTypeDef]":
    parts = []
    for number, start in enumerate(range(0, size_bytes, part_bytes), 1):
        end = min(start + part_bytes, size_bytes) - 1
        copied = client.upload_part_copy(**place, PartNumber=number, CopySourceRange=f"bytes={start}-{end}")
        parts.append({"ETag": copied["CopyPartResult"]["ETag"], "PartNumber": number})
    return cast("list[CompletedPartTypeDef]", parts)
