"""What S3 tells a queue: which objects were put into a bucket."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

from pydantic import BaseModel, Field, ValidationError

from shared.problems import InvalidInput

_TEST = "s3:TestEvent"
_CREATED = "ObjectCreated:"


class Created(NamedTuple):
    """One version of an object."""

    bucket: str
    key: str
    etag: str


class _Bucket(BaseModel):
    name: str


class _Object(BaseModel):
    key: str
    etag: str = Field(alias="eTag")


class _Entity(BaseModel):
    bucket: _Bucket
    object: _Object


class _Record(BaseModel):
    event_name: str = Field(alias="eventName")
    s3: _Entity


class _Message(BaseModel):
    event: str = Field(default="", alias="Event")
    records: list[_Record] = Field(default=[], alias="Records")


def created_objects(body: str) -> list[Created]:
    """Return the objects that a message tells of; none if it tells of something else, such as that S3 found the queue.

    Raises InvalidInput for a message that is not S3's.
    """
    try:
        message = _Message.model_validate_json(body)
    except ValidationError as error:
        raise InvalidInput("This message is none of S3's events.") from error
    if not message.records and message.event != _TEST:
        raise InvalidInput("This message is none of S3's events.")
    return list(_created(message.records))


def _created(records: list[_Record]) -> Iterator[Created]:
    for record in records:
        if record.event_name.startswith(_CREATED):
            found = record.s3
            yield Created(found.bucket.name, unquote_plus(found.object.key), found.object.etag)
