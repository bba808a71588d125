"""Lines of a table of any size, from chunks of bytes, in bounded memory."""

from collections import Counter
from collections.abc import Iterable, Iterator

MOST_LINE_BYTES = 1 << 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def lines(chunks: Iterable[bytes], left_out: Counter[str]) -> Iterator[str]:
    """Yield the lines with their ends; those that are too long or no UTF-8 are left out, and counted by reason."""
    for line in _cut(chunks):
        if len(line) > MOST_LINE_BYTES:
            left_out[f"line has more than {MOST_LINE_BYTES} bytes"] += 1
            continue
        try:
            yield line.removesuffix(b"\r").decode() + "\n"
        except UnicodeDecodeError:
            left_out["line is not UTF-8"] += 1


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes between line feeds; of a line that is too long only so much as shows that it is."""
    rest, mark = b"", _BYTE_ORDER_MARK
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removeprefix(mark)
            mark = b""
        rest = rest[: MOST_LINE_BYTES + len(_BYTE_ORDER_MARK) + 1]
    if rest:
        yield rest.removeprefix(mark)
