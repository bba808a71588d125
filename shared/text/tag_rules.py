"""Which square brackets in tagged text are tags, which are mistyped tags, and which are plain writing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from shared.text.document import EMOTIONS
from shared.text.emotions import EMOTION_NAMES
from shared.text.faults import did_you_mean
from shared.text.words import word_set

TAG_NAMES = (*EMOTIONS, "pause")

_STAGE_DIRECTIONS = word_set(
    "laugh laughs laughing laughter chuckles giggles sigh sighs gasp gasps cough coughs sniffs sobs cries crying "
    "groans yawns breath breathes whisper whispers whispering whispered shout shouts shouting yelling screams music "
    "applause silence break emphasis speak prosody voice emotion"
)
"""Tags of other speech systems. We cannot do them, and to read them aloud is never what was meant."""

_HONEST_WORDS = word_set("said sand cause clause because paste phase apply unhappy clam natural tearful")
"""Words that are close to a tag's name and stand in brackets in good faith."""

_BRACKETED = re.compile(r"\[[ \t]*(/?)[ \t]*([^\W\d_][\w-]{0,30})([^\[\]\n]{0,60})(\]?)")
_CLOSE_ENOUGH = 0.8
_SHORTEST_GUESS = 4


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket that is a tag, or was meant as one."""

    start: int
    end: int
    closes: bool
    """True for `[/name]`."""
    name: str
    """In lower case, as written."""
    value: str
    """What stands between the name and the bracket's end."""
    is_complete: bool
    """False where the closing bracket is missing."""


def find_brackets(text: str) -> Iterator[Bracket]:
    """Yield the brackets that are tags or were meant as tags, in order. A bracket behind a backslash is none."""
    for match in _BRACKETED.finditer(text):
        if match.start() and text[match.start() - 1] == "\\":
            continue
        bracket = Bracket(
            match.start(), match.end(), bool(match[1]), match[2].lower(), match[3].strip(), bool(match[4])
        )
        if _is_meant_as_tag(bracket, match[3]):
            yield bracket


def suggestion(name: str) -> str:
    """Return a hint at the tag that `name` may have meant, or nothing."""
    return f" Did you mean {EMOTION_NAMES[name]}?" if name in EMOTION_NAMES else did_you_mean(name, TAG_NAMES)


def _is_meant_as_tag(bracket: Bracket, rest: str) -> bool:
    is_known = bracket.name in TAG_NAMES
    if bracket.closes:
        return bracket.is_complete or is_known
    if is_known:
        return True
    if rest.startswith("=") or (bracket.is_complete and not rest.strip() and bracket.name in EMOTION_NAMES):
        return True
    is_short = not bracket.value or bool(re.match(r"[\d.=:]", bracket.value))
    return is_short and (bracket.name in _STAGE_DIRECTIONS or _is_mistyped(bracket.name))


def _is_mistyped(name: str) -> bool:
    if len(name) < _SHORTEST_GUESS or name in _HONEST_WORDS:
        return False
    return bool(get_close_matches(name, TAG_NAMES, n=1, cutoff=_CLOSE_ENOUGH))
