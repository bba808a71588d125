"""A real HTTP server that speaks S3 (moto), for the tests of everything that stores."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client


@contextmanager
def running_s3() -> Iterator[str]:
    """Start the server, point AWS's usual environment at it, and yield its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, setting in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }.items():
            environment.setenv(name, setting)
        yield f"http://{host}:{port}"
    server.stop()


def new_bucket(client: "S3Client") -> str:
    """Make a bucket of its own for one test."""
    bucket = f"bucket-{token_hex(6)}"
    client.create_bucket(Bucket=bucket)
    return bucket


def fill(bucket: str, keys: Iterable[str]) -> None:
    """Put many objects of one byte into the server's memory, past HTTP."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key in keys:
        backend.put_object(bucket, key, b"x")


def empty(bucket: str, keys: Iterable[str]) -> None:
    """Remove objects from the server's memory, past HTTP."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key in keys:
        backend.delete_object(bucket, key)
