"""How far something is, for terminals and for logs."""

import io

from shared.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_at_each_tenth_and_for_each_thing() -> None:
    progress = Progress(io.StringIO())
    for number in range(100):
        progress.show(number / 100, "model.bin" if number < 50 else "config.json")
    progress.end()
    tenths = [f"{tenth:3}% model.bin" for tenth in range(0, 50, 10)]
    tenths += [f"{tenth:3}% config.json" for tenth in range(50, 100, 10)]
    assert progress.stream.getvalue().splitlines() == tenths


def test_a_bar_that_is_left_behind() -> None:
    progress = Progress(Terminal())
    progress.show(0.5, "model.bin")
    progress.end()
    assert progress.stream.getvalue() == f"\r{'#' * 15}{'.' * 15}  50% model.bin\x1b[K\n"


def test_nothing_to_leave_behind() -> None:
    progress = Progress(Terminal())
    progress.end()
    assert progress.stream.getvalue() == ""
