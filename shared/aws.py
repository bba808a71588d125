"""AWS's client as all parts of the product use it: how it is set up, and its errors as problems."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from shared.problems import StorageRefused, Unavailable

_REFUSED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
    }
)


def session() -> boto3.session.Session:
    """Return a session that is set up through AWS's usual environment (keys, roles, addresses, region).

    boto3 by itself reads AWS_DEFAULT_REGION only; AWS's other tools, and its containers, say AWS_REGION.
    """
    return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)


def config(*, attempts: int = 3, connect_timeout_seconds: float = 5, read_timeout_seconds: float = 15) -> Config:
    """Return how requests are made: one that fails in a passing way at most `attempts` times, with random pauses."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        max_pool_connections=32,
        # Servers other than AWS's often refuse the checksum trailers that boto3 would send by default.
        request_checksum_calculation="when_required",
    )


@contextmanager
def reported(place: str) -> Iterator[None]:
    """Turn the client's errors into problems that name the `place` that was asked, and AWS's own code.

    Raises StorageRefused where somebody must set something right, else Unavailable.
    """
    try:
        yield
    except ClientError as error:
        kind = StorageRefused if code_of(error) in _REFUSED else Unavailable
        raise kind(f"The {place} answers {code_of(error)}.") from error
    except NoCredentialsError as error:
        raise StorageRefused(f"There are no credentials for the {place}.") from error
    except (BotoCoreError, HTTPError) as error:  # the latter of a connection that breaks in the middle of an error
        raise Unavailable(f"The {place} cannot be reached; check its address and our credentials.") from error
    except ResponseParserError as error:
        raise Unavailable(f"The {place} gives an answer that is not understood.") from error


def code_of(error: ClientError) -> str:
    """Return AWS's name of an error, such as AccessDenied."""
    return str(error.response.get("Error", {}).get("Code", "an error"))
