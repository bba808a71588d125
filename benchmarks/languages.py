"""How often the language of a text is named rightly: messages of programs, from this machine's gettext catalogues.

`python -m benchmarks.languages [FOLDER]` prints a line for each length; FOLDER is /usr/share/locale unless given. It
measures no ratio, so it is no part of `make bench`.
"""

import gettext
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from services.sentiment.identifier import Identifier
from services.sentiment.languages import languages_of

LENGTHS = ((12, 25), (25, 60), (60, 150), (150, 5_000))
"""In characters; the upper one is excluded."""
MOST, LEAST = 100, 30
"""Texts of each language and length."""
_WRITTEN = {"nb": "no", "nn": "no", "pt_BR": "pt", "zh_CN": "zh", "zh_TW": "zh-TW", "fil": "tl"}
_NO_WORDS = re.compile(r"%[-#0-9.*$l ]*[a-zA-Z]|\{[^}]*\}|<[^>]*>|https?:\S+|[_&]")


def main(folder: Path) -> None:
    """Print how many are right, by length."""
    identifier = Identifier()
    texts = _texts(folder, set(identifier.scores("")))
    for shortest, longest in LENGTHS:
        shares = {}
        for code, found in texts.items():
            some = sorted(text for text in found if shortest <= len(text) < longest)
            chosen = random.Random(1).sample(some, min(MOST, len(some)))
            if len(chosen) >= LEAST:
                right = sum(languages_of(text, identifier)[0][0] == code for text in chosen)
                shares[code] = right / len(chosen)
        worst = ", ".join(f"{code} {shares[code]:.2f}" for code in sorted(shares, key=lambda code: shares[code])[:8])
        mean, english = sum(shares.values()) / len(shares), shares.get("en", float("nan"))
        sys.stdout.write(f"{shortest} to {longest} characters: {mean:.3f} of texts in {len(shares)} languages; ")
        sys.stdout.write(f"English {english:.2f}; worst: {worst}\n")


def _texts(folder: Path, known: set[str]) -> dict[str, set[str]]:
    """Return the messages that are translated, by language, without what stands in no language."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.glob("*/LC_MESSAGES/*.mo")):
        code = _WRITTEN.get(path.parent.parent.name, path.parent.parent.name)
        if code not in known | {"zh-TW"}:
            continue
        for message, translation in _messages(path):
            found["en"].add(_plain(message))
            if translation != message:
                found[code].add(_plain(translation))
    return {code: set(filter(_is_text, texts)) for code, texts in found.items()}


def _messages(path: Path) -> Iterable[tuple[str, str]]:
    try:
        with path.open("rb") as stream:
            catalogue: dict[object, str] = vars(gettext.GNUTranslations(stream))["_catalog"]
    except (OSError, UnicodeDecodeError, IndexError):  # IndexError: a catalogue with a broken header
        return []
    return [(key, text) for key, text in catalogue.items() if key and isinstance(key, str)]


def _plain(text: str) -> str:
    return " ".join(_NO_WORDS.sub(" ", text).split())


def _is_text(text: str) -> bool:
    return sum(map(str.isalpha, text)) > max(12, 0.6 * len(text))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/locale"))
