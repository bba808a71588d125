"""What S3 writes into a queue, and what others may."""

import json
from typing import Any

import pytest

from jobs.s3_events import Created, created_objects
from shared.problems import InvalidInput


def event(key: str, name: str = "ObjectCreated:Put", **members: Any) -> str:
    """Return a message as S3 sends it."""
    described = {"key": key, "size": 10, "eTag": "e1", "sequencer": "0055AED6DCD90281E5"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "sounds", "arn": "arn"}, "object": described | members},
    }
    return json.dumps({"Records": [record]})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("recordings/a.wav", "recordings/a.wav"),
        ("recordings/my+voice.wav", "recordings/my voice.wav"),
        ("recordings/Gr%C3%B6%C3%9Fe%2B1.wav", "recordings/Größe+1.wav"),
        ("recordings/100%25%2Fsure.wav", "recordings/100%/sure.wav"),
    ],
)
def test_keys_are_read_as_they_were_given(written: str, key: str) -> None:
    assert created_objects(event(written)) == [Created("sounds", key, "e1")]


@pytest.mark.parametrize("name", ["Put", "Post", "Copy", "CompleteMultipartUpload"])
def test_objects_come_in_many_ways(name: str) -> None:
    assert len(created_objects(event("a", f"ObjectCreated:{name}"))) == 1


def test_a_message_may_tell_of_several() -> None:
    records = [json.loads(event(key))["Records"][0] for key in ("a", "b")]
    assert [found.key for found in created_objects(json.dumps({"Records": records}))] == ["a", "b"]


def test_that_s3_found_the_queue_is_no_object() -> None:
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2014-10-13T15:57:02.089Z", "Bucket": "sounds"}
    assert created_objects(json.dumps(body)) == []


@pytest.mark.parametrize("name", ["ObjectRemoved:Delete", "ObjectTagging:Put", "LifecycleExpiration:Delete"])
def test_other_events_are_no_new_objects(name: str) -> None:
    assert created_objects(event("a", name)) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"Records": []}',
        '{"Records": [{}]}',
        '{"Event": "s3:Other"}',
        '{"Records": 1}',
    ],
)
def test_what_is_not_from_s3_is_refused(body: str) -> None:
    with pytest.raises(InvalidInput):
        created_objects(body)
