"""Sentences that nobody wrote: `grammar.toml` expanded at random, with words of a pronouncing dictionary strewn in."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

GRAMMAR = Path(__file__).with_name("grammar.toml")
_START, _RARE = "sentence", "rare"
_NAME = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z]{4,12}")


def dictionary_words(path: Path) -> list[str]:
    """Return the plain words of a dictionary in CMU's format: for sounds in more company than a grammar gives them."""
    with path.open(encoding="utf-8") as file:
        words = (line.split(maxsplit=1)[0] for line in file if line.strip())
        return [word for word in words if _WORD.fullmatch(word)]


def sentences(random: Random, rare_words: Sequence[str]) -> Iterator[str]:
    """Yield sentences without end, none twice."""
    grammar = {**tomllib.loads(GRAMMAR.read_text()), _RARE: list(rare_words)}
    given = set[str]()
    while True:
        sentence = _expanded(random, grammar, f"{{{_START}}}")
        sentence = sentence[:1].upper() + sentence[1:]
        if sentence not in given:
            given.add(sentence)
            yield sentence


def _expanded(random: Random, grammar: dict[str, list[str]], text: str) -> str:
    return _NAME.sub(lambda name: _expanded(random, grammar, random.choice(grammar[name[1]])), text)
