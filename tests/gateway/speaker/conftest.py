"""AWS for the tests of what is kept there."""

from collections.abc import Iterator

import pytest

from tests.aws import running_aws


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address
