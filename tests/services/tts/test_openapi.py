"""What schemathesis makes of the service's own description."""

from tests.serving import keeps_its_word


def test_every_call_keeps_its_word(address: str) -> None:
    keeps_its_word(address)
