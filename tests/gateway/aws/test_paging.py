"""Pages neither repeat nor miss, whatever comes and goes between them."""

import pytest

from gateway.aws.paging import InvalidToken, page

NAMES = [f"name-{number:03}" for number in range(251)]


def test_all_are_seen_once() -> None:
    seen: list[str] = []
    token = None
    while True:
        found, token = page(NAMES, str, token, 100)
        seen += found
        if token is None:
            break
    assert seen == NAMES


def test_what_is_deleted_meanwhile_hides_nothing() -> None:
    _, token = page(NAMES, str, None, 100)
    found, _ = page([name for name in NAMES if name != "name-099"], str, token, 3)
    assert found == ["name-100", "name-101", "name-102"]


def test_a_last_page_that_is_full_is_the_last() -> None:
    assert page(NAMES[:100], str, None, 100)[1] is None
    assert page([], str, None, 10) == ([], None)


@pytest.mark.parametrize("token", ["x", "YWJj", "////", "é", "MQ==="])
def test_a_token_of_somebody_else(token: str) -> None:
    with pytest.raises(InvalidToken):
        page(NAMES, str, token, 10)
