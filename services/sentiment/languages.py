"""The languages of a text, dominant one first."""

from collections import defaultdict
from collections.abc import Iterator

from services.sentiment.identifier import Identifier
from shared.text.sentences import split_sentences

LEAST_SCORE = 0.05
"""A language that is less likely, or has less of the text, is not told."""
UNDETERMINED = "und"
DECIMALS = 4

_PIECE_CHARACTERS = 200
"""So many tell a language; in longer pieces one language would outvote the other."""
_TAKEN_FOR = {
    **dict.fromkeys(("wuu", "yue"), "zh"),
    **dict.fromkeys(("ary", "arz"), "ar"),
    **{"nn": "no", "pcm": "en", "sdh": "ku", "uzs": "uz", "zxx": UNDETERMINED},
}
"""What differs least: members of one macrolanguage of ISO 639-3, and Nigerian Pidgin, as which slang is often taken."""
_WIDESPREAD = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh"})
_TIMES_AS_LIKELY = 3.0
"""A short text that might be in many languages is in one of those more often than in any of the hundred others. Hindi
is not among them, as Marathi and Nepali would no longer be told from it."""
_CHINESE, _TRADITIONAL_CHINESE = "zh", "zh-TW"


def languages_of(text: str, identifier: Identifier) -> list[tuple[str, float]]:
    """Return BCP 47 codes with scores, the highest first; there is always one, if only "und".

    Where a text is in several languages, a score is about the language's share of it.
    """
    shares: defaultdict[str, float] = defaultdict(float)
    for piece in _pieces(text):
        letters = sum(map(str.isalpha, piece))
        for code, score in _scores(piece, identifier).items() if letters else ():
            shares[code] += score * letters
    total = sum(shares.values())
    likely = sorted((-share / total, code) for code, share in shares.items() if share >= LEAST_SCORE * total)
    return [(_written(code, text), round(-score, DECIMALS)) for score, code in likely] or [(UNDETERMINED, 1.0)]


def _scores(piece: str, identifier: Identifier) -> dict[str, float]:
    """Return how likely each language is, by the codes that are told; they sum to one."""
    scores: defaultdict[str, float] = defaultdict(float)
    for code, score in identifier.scores(piece).items():
        told = _TAKEN_FOR.get(code, code)
        scores[told] += score * (_TIMES_AS_LIKELY if told in _WIDESPREAD else 1)
    total = sum(scores.values())
    return {code: score / total for code, score in scores.items()}


def _pieces(text: str) -> Iterator[str]:
    """Yield the text in whole sentences."""
    start = 0
    for _, end in split_sentences(text):
        if end - start >= _PIECE_CHARACTERS:
            yield text[start:end]
            start = end
    yield text[start:]


def _written(code: str, text: str) -> str:
    """Tell Chinese as Taiwan writes it from the other by the characters that only one of two national sets has."""
    if code != _CHINESE:
        return code
    lost = {name: len(text) - len(text.encode(name, "ignore").decode(name)) for name in ("gb2312", "big5")}
    return _TRADITIONAL_CHINESE if lost["gb2312"] > lost["big5"] else _CHINESE
