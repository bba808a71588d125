"""Tables over names that others have chosen."""

import pytest

from jobs.transcribe.reports import show_reasons


def test_names_do_nothing_to_a_terminal_and_are_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show_reasons([("a\x9b31m" + "x" * 200, "\x1b]0;title\x07 [bold]why")])
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b")
    assert (out.count("x" * 5) > 0, out.replace("\\x", "").count("x")) == (True, 200)
    assert "[bold]why" in " ".join(out.split())
