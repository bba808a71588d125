"""How far something is: a bar on a terminal, and else a line for each tenth."""

from dataclasses import dataclass
from typing import TextIO

_BAR_CHARACTERS = 30


@dataclass
class Progress:
    """Shown on `stream`; nothing else is written there meanwhile."""

    stream: TextIO
    _shown: str = ""

    def show(self, share: float, doing: str) -> None:
        """Show a share of 0 to 1, and what is being done."""
        if self.stream.isatty():
            filled = "#" * round(share * _BAR_CHARACTERS)
            self._write(f"\r{filled:.<{_BAR_CHARACTERS}} {share:4.0%} {doing}\x1b[K")
        else:
            self._write(f"{int(share * 10) * 10:3}% {doing}\n")

    def end(self) -> None:
        """Leave the line of the bar."""
        self._write("\n" if self.stream.isatty() and self._shown else "")

    def _write(self, text: str) -> None:
        if text != self._shown:
            self._shown = text
            self.stream.write(text)
            self.stream.flush()
