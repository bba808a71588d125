"""Messages between a child process and its parent."""

import io

import pytest

from shared.child_process import read, write


def written(head: dict[str, object], payload: bytes) -> bytes:
    stream = io.BytesIO()
    write(stream, head, payload)
    return stream.getvalue()


@pytest.mark.parametrize("payload", [b"", b"samples"])
def test_messages_come_as_they_were_sent(payload: bytes) -> None:
    stream = io.BytesIO(2 * written({"words": []}, payload))
    assert [read(stream) for _ in range(3)] == [({"words": []}, payload)] * 2 + [None]


@pytest.mark.parametrize("payload", [b"", b"samples"])
def test_one_that_is_broken_off_is_an_error_wherever_it_breaks(payload: bytes) -> None:
    message = written({"words": []}, payload)
    for length in range(1, len(message)):
        with pytest.raises(ValueError, match="broken off"):
            read(io.BytesIO(message[:length]))
