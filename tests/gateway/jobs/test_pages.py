"""Where a page begins."""

from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.jobs.pages import Cursor
from shared.problems import InvalidInput

MOMENTS = st.integers(1, 10**14 - 1)
OFFSETS = st.integers(0, 10**6)


@given(MOMENTS, OFFSETS, st.integers(1, 100))
def test_the_next_page_begins_where_the_last_one_ended(newest: int, offset: int, count: int) -> None:
    cursor = Cursor.read(Cursor(newest, offset).following(newest + 12345, count))
    assert cursor == Cursor(newest, offset + count)


def test_a_new_listing_begins_with_the_newest_job_and_holds_on_to_it() -> None:
    begun = Cursor.read(None)
    assert (begun.until, begun.offset) == (None, 0)
    assert Cursor.read(begun.following(1_700_000_000_123, 20)) == Cursor(1_700_000_000_123, 20)


@given(MOMENTS)
def test_the_moment_is_kept_to_the_millisecond(newest: int) -> None:
    until = Cursor(newest).until
    assert until is not None
    assert int(datetime.fromisoformat(until).timestamp() * 1000) == newest


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.", ".1", "a.b", "1.2.3", "-1.2", "1.-2", "1.2\n", " 1.2", "1,2", "0x1.2", "１.２", "9" * 40 + ".1"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Cursor.read(text)
    assert caught.value.param == "after"


@example("999999999999999.1")
@given(st.from_regex(r"\A[0-9]{1,16}\.[0-9]{1,10}\Z"))
def test_a_cursor_that_is_made_up_is_refused_or_a_moment(text: str) -> None:
    try:
        cursor = Cursor.read(text)
    except InvalidInput:
        return
    assert cursor.until
