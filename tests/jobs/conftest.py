"""AWS, and a speaker service, for the tests of workers behind queues."""

from collections.abc import Iterator

import pytest

from tests.aws import Account, new_account, running_aws
from tests.gateway.jobs.stack import Stack, running


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@pytest.fixture
def account(aws: str) -> Account:
    """A bucket, queues and a table of its own."""
    return new_account()


@pytest.fixture(scope="session")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A speaker service that a test leaves alone."""
    with running(tmp_path_factory.mktemp("speaker"), "speaker") as stack:
        yield stack
