"""The words of a recording and their times, as aligners write them down: TextGrids of Praat."""

import re
from typing import NamedTuple

from shared.problems import InvalidInput

_TIER = re.compile(r'name = "words".*?(?=\bitem \[\d+\]:|\Z)', re.DOTALL)
_INTERVAL = re.compile(r'xmin = ([\d.]+)\s+xmax = ([\d.]+)\s+text = "((?:[^"]|"")*)"')
_SILENT = frozenset(["", "sil", "sp", "<eps>"])


class SpokenWord(NamedTuple):
    """A word, or what the aligner writes for one that it does not know, and when it is said."""

    text: str
    start_seconds: float
    end_seconds: float


def words_of(textgrid: str) -> list[SpokenWord]:
    """Return the words of the tier of that name, without what is silent. Raises InvalidInput without such a tier."""
    tier = _TIER.search(textgrid)
    if tier is None:
        raise InvalidInput("The TextGrid has no tier of words.")
    found = (SpokenWord(text, float(start), float(end)) for start, end, text in _INTERVAL.findall(tier.group()))
    return [word for word in found if word.text not in _SILENT]
